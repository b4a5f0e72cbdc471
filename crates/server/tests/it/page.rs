//! The call page: its headers, its files in the form that is asked for, what it is told of its owner, and
//! where it may stand.

use std::fs;

use tempfile::tempdir;

use crate::process::{Server, body, header};

/// A picture that would run a script if anybody let it.
const LOGO: &str = "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";

#[test]
fn the_page_is_confined() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path(), "serve", &[]);
    let answer = server.get("/call/", &[]);
    insta::assert_snapshot!(header(&answer, "content-security-policy").unwrap(), @r#"default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data: blob:; media-src 'self' blob: mediastream:; connect-src 'self' ws://test wss://test; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"#);
    insta::assert_snapshot!(header(&answer, "permissions-policy").unwrap(), @r#"camera=(self), microphone=(self), display-capture=(self), autoplay=(self), fullscreen=(self), picture-in-picture=(self), screen-wake-lock=(self), geolocation=(), payment=(), usb=()"#);
    for (name, value) in [
        ("cache-control", "no-cache"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(header(&answer, name), Some(value), "{name}");
    }
    for absent in ["set-cookie", "access-control-allow-origin"] {
        assert_eq!(header(&answer, absent), None, "{absent}");
    }
    let missing = server.get("/call/../../Cargo.toml", &[]);
    assert!(missing.starts_with("HTTP/1.1 404"), "{missing}");
    assert!(header(&missing, "content-security-policy").is_some());
}

#[test]
fn only_those_who_were_named_may_frame_the_page_and_be_talked_to() {
    let folder = tempdir().unwrap();
    let environment = [
        (
            "HOLDSPACE_PAGE__FRAME_ANCESTORS",
            "https://app.example,http://127.0.0.1:8080",
        ),
        ("HOLDSPACE_PAGE__API_URL", "https://api.example/video"),
        ("HOLDSPACE_PAGE__PUBLIC_URL", "https://visits.example"),
    ];
    let server = Server::start(folder.path(), "serve", &environment);
    let answer = server.get("/call/", &[]);
    let policy = header(&answer, "content-security-policy").unwrap();
    for part in [
        "frame-ancestors https://app.example http://127.0.0.1:8080",
        "connect-src 'self' wss://visits.example https://api.example wss://api.example;",
    ] {
        assert!(policy.contains(part), "{policy}");
    }
    assert_eq!(
        header(&answer, "cross-origin-resource-policy"),
        Some("cross-origin")
    );
    let config = server.get("/call/config.json", &[]);
    for part in [
        r#""apiUrl":"https://api.example/video/""#,
        r#""frameAncestors":["https://app.example","http://127.0.0.1:8080"]"#,
    ] {
        assert!(body(&config).contains(part), "{config}");
    }
}

#[test]
fn assets_are_kept_and_the_page_is_checked() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path(), "serve", &[]);
    let page = server.get("/call/", &[]);
    if page.starts_with("HTTP/1.1 503") {
        assert!(
            body(&page).contains("make run"),
            "a binary without its page says how to get one"
        );
        return;
    }
    let tag = header(&page, "etag").unwrap();
    let known = server.get("/call/", &[("if-none-match", tag)]);
    assert!(known.starts_with("HTTP/1.1 304"), "{known}");
    assert_eq!(body(&known), "");
    assert!(header(&known, "content-security-policy").is_some());
    let script = body(&page)
        .split('"')
        .find(|part| part.contains("assets/"))
        .unwrap();
    let asset = server.get(&format!("/call/{}", script.trim_start_matches("./")), &[]);
    assert!(asset.starts_with("HTTP/1.1 200"), "{script}");
    assert_eq!(
        header(&asset, "cache-control"),
        Some("public, max-age=31536000, immutable")
    );
}

#[test]
fn a_file_is_sent_in_the_form_that_is_asked_for() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path(), "serve", &[]);
    let plain = server.head("/call/", &[]);
    if plain.starts_with("HTTP/1.1 503") {
        return;
    }
    assert_eq!(header(&plain, "content-encoding"), None);
    let mut tags = vec![header(&plain, "etag").unwrap().to_owned()];
    let mut lengths = vec![length(&plain)];
    for (accepted, expected) in [("gzip, deflate", "gzip"), ("gzip, deflate, br", "br")] {
        let answer = server.head("/call/", &[("accept-encoding", accepted)]);
        assert_eq!(header(&answer, "content-encoding"), Some(expected));
        assert_eq!(header(&answer, "vary"), Some("Accept-Encoding"));
        let tag = header(&answer, "etag").unwrap().to_owned();
        let conditional = [("accept-encoding", accepted), ("if-none-match", &tag)];
        let known = server.head("/call/", &conditional);
        assert!(known.starts_with("HTTP/1.1 304"), "{known}");
        assert_eq!(header(&known, "vary"), Some("Accept-Encoding"));
        // What has one form has no other.
        let other = server.head("/call/", &[("if-none-match", &tag)]);
        assert!(other.starts_with("HTTP/1.1 200"), "{other}");
        assert!(!tags.contains(&tag));
        tags.push(tag);
        lengths.push(length(&answer));
    }
    assert!(
        lengths.is_sorted_by(|left, right| left > right),
        "{lengths:?}"
    );
    let form = server.head("/call/index.html.br", &[]);
    assert!(form.starts_with("HTTP/1.1 404"), "{form}");
}

fn length(answer: &str) -> usize {
    header(answer, "content-length").unwrap().parse().unwrap()
}

#[test]
fn the_page_is_told_whose_it_is() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("logo.svg"), LOGO).unwrap();
    let owned = [
        ("HOLDSPACE_PAGE__NAME", "Praxis am Park"),
        ("HOLDSPACE_PAGE__LOGO_FILE", "logo.svg"),
        ("HOLDSPACE_PAGE__ACCENT", "#2F6F62"),
        ("HOLDSPACE_PAGE__DANGER", "#aa0000"),
        ("HOLDSPACE_PAGE__SUPPORT_PHONE", "+49 30 1234567"),
        ("HOLDSPACE_PAGE__SUPPORT_TEXT", "Call us:"),
        ("HOLDSPACE_PAGE__LANGUAGES", "de,en"),
    ];
    let plain = Server::start(folder.path(), "serve", &[]);
    let owned = Server::start(folder.path(), "serve", &owned);
    let [plain, config] = [&plain, &owned].map(|server| server.get("/call/config.json", &[]));
    insta::assert_snapshot!(body(&plain), @r#"{"name":null,"logoUrl":null,"colours":{},"supportLine":null,"languages":["en","de","fr","es","pt","ar"],"apiUrl":"../","frameAncestors":[]}"#);
    insta::assert_snapshot!(body(&config), @r##"{"name":"Praxis am Park","logoUrl":"logo-35879d840db26ccf30a165be.svg","colours":{"accent":"#2f6f62","danger":"#aa0000"},"supportLine":{"text":"Call us:","phone":"+49 30 1234567"},"languages":["de","en"],"apiUrl":"../","frameAncestors":[]}"##);
    for (name, value) in [
        ("content-type", "application/json"),
        ("cache-control", "no-cache"),
        ("access-control-allow-origin", "*"),
        ("cross-origin-resource-policy", "cross-origin"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(header(&config, name), Some(value), "{name}");
    }
    let tag = header(&config, "etag").unwrap();
    assert_ne!(header(&plain, "etag"), Some(tag));
    let known = owned.get("/call/config.json", &[("if-none-match", tag)]);
    assert!(known.starts_with("HTTP/1.1 304"), "{known}");
}

#[test]
fn a_logo_is_a_picture_and_nothing_else() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("logo.svg"), LOGO).unwrap();
    let environment = [("HOLDSPACE_PAGE__LOGO_FILE", "logo.svg")];
    let server = Server::start(folder.path(), "serve", &environment);
    let config = server.get("/call/config.json", &[]);
    let (_, rest) = config.split_once(r#""logoUrl":""#).unwrap();
    let name = rest.split('"').next().unwrap();
    let logo = server.get(&format!("/call/{name}"), &[]);
    assert_eq!(body(&logo), LOGO);
    for (name, value) in [
        ("content-type", "image/svg+xml"),
        (
            "content-security-policy",
            "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        ),
        ("cache-control", "public, max-age=31536000, immutable"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(header(&logo, name), Some(value), "{name}");
    }
    let head = server.head(&format!("/call/{name}"), &[]);
    assert_eq!(length(&head), LOGO.len());
    let other = server.get("/call/logo-0.svg", &[]);
    assert!(other.starts_with("HTTP/1.1 404"), "{other}");
}

#[test]
fn everything_is_below_the_base_path_and_without_it() {
    let folder = tempdir().unwrap();
    let environment = [("HOLDSPACE_HTTP__BASE_PATH", "/a/video")];
    let server = Server::start(folder.path(), "serve", &environment);
    for (path, status) in [
        ("/", "200"),
        ("/healthz", "200"),
        ("/docs", "200"),
        ("/docs/style.css", "200"),
        ("/call/config.json", "200"),
        ("/call", "308"),
        ("/api/v1/video-calls/config", "401"),
        ("/api/v1/nothing", "404"),
        ("/socket.io/?EIO=4&transport=polling", "200"),
        ("/socket.io/?EIO=3&transport=polling", "400"),
    ] {
        for base in ["/a/video", ""] {
            let answer = server.get(&format!("{base}{path}"), &[]);
            let expected = format!("HTTP/1.1 {status}");
            assert!(answer.starts_with(&expected), "{base}{path} {answer}");
        }
    }
    let bare = server.get("/a/video", &[]);
    assert_eq!(header(&bare, "location"), Some("/a/video/"));
    let document = server.get("/a/video/api/openapi.json", &[]);
    assert!(body(&document).contains(r#"{"url":"/a/video/api/v1"}"#));
    let elsewhere = server.get("/a/videos/healthz", &[]);
    assert!(elsewhere.starts_with("HTTP/1.1 404"), "{elsewhere}");
}

#[test]
fn redirects_and_links_are_relative() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path(), "serve", &[]);
    let short = server.get("/call", &[]);
    assert_eq!(header(&short, "location"), Some("call/"));
    for path in ["/", "/docs", "/call/"] {
        let page = server.get(path, &[]);
        for absolute in [r#"href="/"#, r#"src="/"#] {
            assert!(!page.contains(absolute), "{path}: {absolute}");
        }
    }
}

#[test]
fn the_element_can_be_loaded_from_anywhere_and_is_checked_each_time() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path(), "serve", &[]);
    let element = server.head(
        "/call/holdspace-call.js",
        &[("origin", "https://app.example")],
    );
    if element.starts_with("HTTP/1.1 404") {
        // A binary without its page has no element either.
        return;
    }
    for (name, value) in [
        ("content-type", "text/javascript; charset=utf-8"),
        ("cache-control", "no-cache"),
        ("access-control-allow-origin", "*"),
        ("cross-origin-resource-policy", "cross-origin"),
    ] {
        assert_eq!(header(&element, name), Some(value), "{name}");
    }
}
