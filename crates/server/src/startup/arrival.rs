//! Whether all of a request has arrived: who took too long, the client or we.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use ::http::Request;
use hyper::body::{Body, Frame, SizeHint};

/// Knows it of one request.
pub(super) struct Arrival(Arc<AtomicBool>);

impl Arrival {
    /// The same request, watched.
    pub(super) fn watch<B: Body>(request: Request<B>) -> (Request<Arriving<B>>, Self) {
        let is_whole = Arc::new(AtomicBool::new(request.body().is_end_stream()));
        let arrival = Self(Arc::clone(&is_whole));
        (request.map(|body| Arriving { body, is_whole }), arrival)
    }

    pub(super) fn is_whole(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A body that notes when it has been read to its end.
pub(super) struct Arriving<B> {
    body: B,
    is_whole: Arc<AtomicBool>,
}

impl<B: Body + Unpin> Body for Arriving<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if matches!(frame, Poll::Ready(None)) || self.body.is_end_stream() {
            self.is_whole.store(true, Ordering::Relaxed);
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::{BodyExt, Empty, Full};
    use hyper::body::Bytes;

    use super::*;

    #[test]
    fn a_request_without_a_body_is_whole_at_once() {
        let (_, arrival) = Arrival::watch(Request::new(Empty::<Bytes>::new()));
        assert!(arrival.is_whole());
    }

    #[tokio::test]
    async fn a_body_is_whole_once_it_has_been_read() {
        let (request, arrival) = Arrival::watch(Request::new(Full::new(Bytes::from_static(b"{}"))));
        assert!(!arrival.is_whole());
        let body = request.into_body().collect().await.unwrap();
        assert_eq!(body.to_bytes(), "{}");
        assert!(arrival.is_whole());
    }
}
