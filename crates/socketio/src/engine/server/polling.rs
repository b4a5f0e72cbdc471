//! Long-polling: a connection over HTTP requests, one GET and one POST at a time.
use std::pin::pin;
use std::time::Duration;

use bytes::{Buf, Bytes};

use super::{
    Arc, Body, BodyExt, CONTENT_LENGTH, CONTENT_TYPE, DisconnectReason, Form, Link, Parts, Refusal,
    Response, Server, Service, StatusCode, connection, response, timeout,
};
use crate::engine::link::Answer;
use crate::engine::packet::NOOP;

/// While a websocket is being probed polls come home this often, so that the client can pause polling.
const PROBING_POLL: Duration = Duration::from_millis(100);

/// Why the body of a POST was not taken.
enum BodyError {
    TooLarge,
    Slow,
    Broken,
}

impl<S: Service> Server<S> {
    pub(super) fn open_polling(&self, parts: &Parts) -> Response<Body> {
        let peer = match self.shared.service.handshake(parts) {
            Ok(peer) => peer,
            Err(response) => return response,
        };
        let unavailable = || response::status(StatusCode::SERVICE_UNAVAILABLE);
        let Some(opening) = self.table.begin_opening(self.shared.config.openings_max) else {
            return unavailable();
        };
        let Some(link) = self.new_link(Form::Payload) else {
            return unavailable();
        };
        link.begin_opening(opening);
        let first = link.take_bytes(false);
        let (server, running) = (self.clone(), self.table.count_task());
        let entry = self.table.insert(&link);
        tokio::spawn(async move {
            let _running = running;
            let _entry = entry;
            connection::run_polling(&server.shared.service, &server.shared.config, &link, peer)
                .await;
        });
        response::payload(first)
    }

    pub(super) async fn poll(&self, link: &Arc<Link>) -> Response<Body> {
        let Some(turnstile) = link.enter(false) else {
            return response::status(StatusCode::BAD_REQUEST);
        };
        let answer = std::future::poll_fn(|cx| link.poll_answer(cx));
        let answer = if link.is_probing() {
            timeout(PROBING_POLL, answer)
                .await
                .unwrap_or_else(|_| Answer::Packets(vec![NOOP]))
        } else {
            answer.await
        };
        turnstile.leave();
        match answer {
            Answer::Packets(packets) => response::payload(packets),
            Answer::Gone => Refusal::BadRequest.response(),
        }
    }

    pub(super) async fn post<B>(&self, link: &Arc<Link>, parts: &Parts, body: B) -> Response<Body>
    where
        B: http_body::Body,
    {
        let Some(mut turnstile) = link.enter(true) else {
            return response::status(StatusCode::BAD_REQUEST);
        };
        let config = &self.shared.config;
        let read = read_body(parts, body, config.payload_bytes_max);
        let payload = match timeout(config.body_timeout, read)
            .await
            .unwrap_or(Err(BodyError::Slow))
        {
            Ok(payload) => payload,
            Err(error) => {
                let (reason, status) = match error {
                    BodyError::TooLarge => (
                        DisconnectReason::PayloadTooLarge,
                        StatusCode::PAYLOAD_TOO_LARGE,
                    ),
                    BodyError::Slow => (
                        DisconnectReason::TransportError,
                        StatusCode::REQUEST_TIMEOUT,
                    ),
                    BodyError::Broken => {
                        (DisconnectReason::TransportError, StatusCode::BAD_REQUEST)
                    }
                };
                link.close(reason);
                turnstile.leave();
                return response::status(status);
            }
        };
        let Some(handled) = link.post(payload) else {
            return Refusal::BadRequest.response();
        };
        turnstile.arrived();
        match handled.await {
            Ok(()) => response::ok(),
            Err(_) => response::status(StatusCode::BAD_REQUEST),
        }
    }
}

/// Reads a body, refusing it as soon as it is known to be too large.
async fn read_body<B: http_body::Body>(
    parts: &Parts,
    body: B,
    bytes_max: usize,
) -> Result<Bytes, BodyError> {
    // Binaries come in base64 since version 4 of the protocol.
    if parts
        .headers
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind == "application/octet-stream")
    {
        return Err(BodyError::Broken);
    }
    let declared = parts
        .headers
        .get(CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|length| length > bytes_max as u64) {
        return Err(BodyError::TooLarge);
    }
    let mut body = pin!(body);
    let mut payload = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(mut data) = frame.map_err(|_| BodyError::Broken)?.into_data() else {
            continue;
        };
        if data.remaining() > bytes_max - payload.len() {
            return Err(BodyError::TooLarge);
        }
        while data.has_remaining() {
            let chunk = data.chunk();
            payload.extend_from_slice(chunk);
            let count = chunk.len();
            data.advance(count);
        }
    }
    Ok(payload.into())
}
