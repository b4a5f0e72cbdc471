//! Runs a handler to its end while the connection goes on writing.
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

/// The handler panicked. Its connection ends as every other one does; no other connection notices.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Panicked;

/// Runs `handler`; `meanwhile` is called whenever it has to wait. The box keeps an idle connection small.
pub(crate) async fn drive<F: Future>(
    mut handler: Pin<Box<F>>,
    mut meanwhile: impl FnMut(&mut Context<'_>),
) -> Result<F::Output, Panicked> {
    std::future::poll_fn(move |cx| {
        match catch_unwind(AssertUnwindSafe(|| handler.as_mut().poll(cx))) {
            Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
            Ok(Poll::Pending) => {
                meanwhile(cx);
                Poll::Pending
            }
            Err(_) => Poll::Ready(Err(Panicked)),
        }
    })
    .await
}
