//! A small HTTP client. Every refusal it meets must be one that the OpenAPI document knows.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use super::house::{ADMIN, House};
use super::openapi;

/// A request in the making.
pub struct Call<'a> {
    house: &'a House,
    method: String,
    path: String,
    headers: HeaderMap,
    body: Bytes,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    /// Null when it is no JSON.
    pub body: Value,
    pub bytes: Bytes,
}

impl<'a> Call<'a> {
    pub fn new(house: &'a House, method: &str, path: String) -> Self {
        Self {
            house,
            method: method.to_owned(),
            path,
            headers: HeaderMap::new(),
            body: Bytes::new(),
        }
    }

    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers
            .append(name, HeaderValue::from_str(value).unwrap());
        self
    }

    pub fn token(self, token: &str) -> Self {
        self.header("x-auth-token", token)
    }

    pub fn user(self, user: &str) -> Self {
        let token = self.house.token(user);
        self.token(&token)
    }

    pub fn admin(self) -> Self {
        self.user(ADMIN)
    }

    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    pub fn body(mut self, content_type: &str, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self.header("content-type", content_type)
    }

    pub async fn send(self) -> Reply {
        let (method, path) = (self.method.clone(), self.path.clone());
        let reply = self.exchange().await;
        openapi::assert_documented(&method, &path, &reply);
        reply
    }

    async fn exchange(self) -> Reply {
        let stream = TcpStream::connect(self.house.address).await.unwrap();
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .unwrap();
        let connection = tokio::spawn(connection);
        let mut request = Request::builder()
            .method(self.method.as_str())
            .uri(self.path)
            .header("host", "test")
            .body(Full::new(self.body))
            .unwrap();
        request.headers_mut().extend(self.headers);
        let response = sender.send_request(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        drop(sender);
        let _ = connection.await;
        Reply {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: serde_json::from_slice(&bytes).unwrap_or_default(),
            bytes,
        }
    }
}

impl Reply {
    /// The header's value, or nothing.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    /// `error.code`, or nothing.
    pub fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    /// A string in the body.
    pub fn text(&self, pointer: &str) -> String {
        let text = self.body.pointer(pointer).and_then(Value::as_str);
        text.unwrap_or_else(|| panic!("no {pointer} in {}", self.body))
            .to_owned()
    }

    /// Status and body, for a snapshot.
    pub fn show(&self) -> String {
        let body = serde_json::to_string_pretty(&self.body).unwrap();
        format!("{}\n{body}", self.status)
    }

    /// Asserts that this is the refusal of that code, in the shape of all refusals.
    #[track_caller]
    pub fn assert_refused(&self, status: u16, code: &str) {
        assert_eq!((self.status, self.code()), (status, code), "{}", self.body);
        assert_eq!(self.body["success"], false);
        let error = self.body["error"].as_object().unwrap();
        let names: Vec<&str> = error.keys().map(String::as_str).collect();
        let mut sorted = names.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, ["code", "details", "message", "timestamp"]);
        assert!(error["details"].is_object());
        assert!(!error["message"].as_str().unwrap().is_empty());
        assert!(error["timestamp"].as_str().unwrap().ends_with('Z'));
    }
}
