//! An issuer's JWKS on the loopback.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::Response;
use http_body_util::Full;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// A publisher of keys on the loopback, whose document can be changed and who counts his visitors.
pub struct Publisher {
    pub url: String,
    /// `None`: he answers 500.
    pub document: Arc<Mutex<Option<Value>>>,
    visits: Arc<AtomicUsize>,
}

impl Publisher {
    pub async fn open(keys: Vec<Value>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/keys", listener.local_addr().unwrap());
        let document = Arc::new(Mutex::new(Some(json!({"keys": keys}))));
        let visits = Arc::new(AtomicUsize::new(0));
        let (shown, counter) = (Arc::clone(&document), Arc::clone(&visits));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (shown, counter) = (Arc::clone(&shown), Arc::clone(&counter));
                let answer = service_fn(move |_| {
                    counter.fetch_add(1, Ordering::SeqCst);
                    let document = shown.lock().clone();
                    let status = if document.is_some() { 200 } else { 500 };
                    let body = Full::new(Bytes::from(document.unwrap_or_default().to_string()));
                    let response = Response::builder().status(status).body(body);
                    async move { response }
                });
                let connection = hyper::server::conn::http1::Builder::new();
                tokio::spawn(connection.serve_connection(TokioIo::new(stream), answer));
            }
        });
        Self {
            url,
            document,
            visits,
        }
    }

    pub fn publish(&self, keys: &[Value]) {
        *self.document.lock() = Some(json!({"keys": keys}));
    }

    pub fn visits(&self) -> usize {
        self.visits.load(Ordering::SeqCst)
    }
}
