//! A running server, asked as a browser asks it: is it ours, is it ready, what does it tell people, do its sockets work.

use std::io;

use jiff::Timestamp;
use serde::Deserialize;

use super::finding::Finding;
use super::ice::IceServer;
use super::request::Answer;
use super::site::Site;
use super::turn_client::Login;

/// Clocks that differ by more have tokens and credentials expire too early, or not be good yet.
const CLOCK_SECONDS_MAX: i64 = 60;

const CONFIG: &str = "/api/v1/video-calls/config";

/// Whether our server answers there. The error is a sentence.
pub(super) fn health(site: &Site) -> Result<Answer, String> {
    let answer = site.get("/healthz");
    let answer = answer.map_err(|error| super::connection::in_words(&error))?;
    if answer.status == 200 && answer.body == br#"{"status":"ok"}"# {
        return Ok(answer);
    }
    Err(match answer.status {
        502..=504 => format!(
            "a proxy answers {}: it does not reach the server",
            answer.status
        ),
        200 => "something else answers".to_owned(),
        status => format!("something answers {status} to /healthz, as this server does not"),
    })
}

/// Whether it can do its work.
pub(super) fn readiness(site: &Site) -> Finding {
    let check = "ready";
    match site.get("/readyz") {
        Ok(answer) if answer.status == 200 => {
            Finding::ok(check, "the server can read and write its database")
        }
        Ok(answer) => Finding::failed(
            check,
            format!(
                "/readyz answers {}: the server cannot use its database, or its relay has stopped in part",
                answer.status
            ),
            "See the server's log; run `holdspace doctor` beside it, without --url",
        ),
        Err(error) => unanswered(check, "/readyz", &error),
    }
}

/// Whether the page behind a join link is there.
pub(super) fn page(site: &Site) -> Finding {
    let check = "page";
    let is_page = |answer: &Answer| {
        let kind = answer.header("content-type").unwrap_or_default();
        answer.status == 200 && kind.starts_with("text/html")
    };
    match site.get("/call/") {
        Ok(answer) if is_page(&answer) => Finding::ok(check, "the call page is served"),
        Ok(answer) => Finding::failed(
            check,
            format!("/call/ answers {}, and no page", answer.status),
            "Have the proxy pass everything below the path on, and see http.base_path in docs/configuration.md",
        ),
        Err(error) => unanswered(check, "/call/", &error),
    }
}

/// Compares this machine's clock with the server's, as `answer` told it at `now`.
pub(super) fn clock(answer: &Answer, now: Timestamp) -> Finding {
    let check = "clock";
    let told = answer.header("date").map(jiff::fmt::rfc2822::parse);
    let Some(Ok(told)) = told else {
        return Finding::skipped(check, "the server does not tell its time");
    };
    let seconds = now.as_second() - told.timestamp().as_second();
    let words = match seconds {
        // A header has whole seconds, and was on its way.
        -2..=2 => "the server's clock and this machine's agree".to_owned(),
        ..-2 => format!(
            "the server's clock is {} s ahead of this machine's",
            -seconds
        ),
        _ => format!("the server's clock is {seconds} s behind this machine's"),
    };
    if seconds.abs() > CLOCK_SECONDS_MAX {
        return Finding::failed(
            check,
            words,
            "Have both set by NTP; when the server is wrong, tokens and credentials of others are refused",
        );
    }
    Finding::ok(check, words)
}

/// What config tells the bearer of `token`; `None` when it tells nothing.
pub(super) fn told(site: &Site, token: &str) -> (Finding, Option<Vec<IceServer>>) {
    let check = "token";
    let answer = match ask_config(site, token) {
        Ok(answer) if answer.status == 200 => answer,
        Ok(answer) => return (refused(&answer), None),
        Err(error) => return (unanswered(check, CONFIG, &error), None),
    };
    let servers = ice_servers(&answer.body);
    let finding = match &servers {
        Some(servers) => {
            let number = servers.len();
            Finding::ok(
                check,
                format!("the token is good; people are told of {number} STUN and TURN servers"),
            )
        }
        None => Finding::failed(
            check,
            format!("what answers to {CONFIG} is not this server"),
            "Have the proxy pass everything below the path on",
        ),
    };
    (finding, servers)
}

fn ask_config(site: &Site, token: &str) -> io::Result<Answer> {
    let (mut connection, shown) = site.connect()?;
    let problem = shown.and_then(|shown| shown.problem);
    if let Some(problem) = problem.filter(|_| !site.is_own) {
        // Whoever it is gets no token.
        return Err(io::Error::other(problem));
    }
    let headers = [("x-auth-token", token)];
    site.ask(&mut connection, "GET", CONFIG, &headers, "")
}

fn refused(answer: &Answer) -> Finding {
    let (words, advice) = match answer.status {
        401 => (
            "the server does not take this token (401): it has expired, or was signed with another secret or for another \
             issuer or audience"
                .to_owned(),
            "Make a fresh one with the server's own configuration: holdspace token --user ID --role client",
        ),
        403 => (
            "the server, or a proxy before it, refuses what is asked for with this token (403)".to_owned(),
            "Take the token of a client or a psychologist, and see the proxy's rules",
        ),
        429 => {
            let wait = answer.header("retry-after").unwrap_or("some");
            (
                format!("this person has asked too often (429); the server wants {wait} s of peace"),
                "Wait, or take another person's token",
            )
        }
        404 => (
            "there is no API below this URL (404)".to_owned(),
            "Name the path under which the server is, as in https://example.org/video",
        ),
        status => (
            format!("the server answers {status} to {CONFIG}"),
            "See its log",
        ),
    };
    Finding::failed("token", words, advice)
}

fn unanswered(check: &'static str, path: &str, error: &io::Error) -> Finding {
    let words = format!("{path}: {}", super::connection::in_words(error));
    Finding::failed(check, words, "See the server's log, and the proxy's")
}

#[derive(Deserialize)]
struct Envelope {
    data: Data,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    ice_servers: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    urls: String,
    username: Option<String>,
    credential: Option<String>,
}

fn ice_servers(body: &[u8]) -> Option<Vec<IceServer>> {
    let Envelope { data } = serde_json::from_slice(body).ok()?;
    let server = |entry: Entry| IceServer {
        url: entry.urls,
        login: entry
            .username
            .zip(entry.credential)
            .map(|(username, password)| Login { username, password }),
    };
    Some(data.ice_servers.into_iter().map(server).collect())
}

#[cfg(test)]
mod tests {
    use super::super::finding::Verdict;
    use super::super::request::parse_head;
    use super::*;

    #[test]
    fn clocks_are_compared() {
        let answer = parse_head(b"HTTP/1.1 200 OK\r\nDate: Mon, 15 Dec 2025 14:00:00 GMT").unwrap();
        for (now, verdict, words) in [
            (
                "2025-12-15T14:00:02Z",
                Verdict::Ok,
                "the server's clock and this machine's agree",
            ),
            (
                "2025-12-15T14:01:00Z",
                Verdict::Ok,
                "the server's clock is 60 s behind this machine's",
            ),
            (
                "2025-12-15T14:01:01Z",
                Verdict::Failed,
                "the server's clock is 61 s behind this machine's",
            ),
            (
                "2025-12-15T13:00:00Z",
                Verdict::Failed,
                "the server's clock is 3600 s ahead of this machine's",
            ),
        ] {
            let finding = clock(&answer, now.parse().unwrap());
            assert_eq!(
                (finding.verdict, finding.words.as_str()),
                (verdict, words),
                "{now}"
            );
        }
        let silent = parse_head(b"HTTP/1.1 200 OK").unwrap();
        assert_eq!(clock(&silent, Timestamp::now()).verdict, Verdict::Skipped);
    }
}
