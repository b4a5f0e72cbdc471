//! The upgrade: a websocket is probed beside a polling connection and then takes over, or leaves no trace.
use std::future::poll_fn;
use std::task::Poll;

use super::{
    Arc, Body, DisconnectReason, Link, OnUpgrade, Parts, Response, Server, Service, Sid, Websocket,
    handshake, switch_protocols, timeout,
};
use crate::engine::packet::{PONG, Packet};
use crate::engine::websocket::Step;
use crate::websocket::frame::{self, Input, Message};

/// The probe, ended by its last drop.
struct Probe(Arc<Link>);

impl Drop for Probe {
    fn drop(&mut self) {
        self.0.end_probe();
    }
}

impl<S: Service> Server<S> {
    pub(super) fn upgrade(&self, sid: Sid, parts: &mut Parts) -> Response<Body> {
        let link = match self.known(sid) {
            Ok(link) => link,
            Err(refusal) => return refusal.response(),
        };
        let (accept, on_upgrade) = match switch_protocols(parts) {
            Ok(switch) => switch,
            Err(response) => return *response,
        };
        let probe = link.begin_probe().then(|| Probe(Arc::clone(&link)));
        let (server, running) = (self.clone(), self.table.count_task());
        tokio::spawn(async move {
            let _running = running;
            // The time is bounded as a whole, however slowly the bytes drip in.
            let _ = timeout(
                server.shared.config.upgrade_timeout,
                server.probe(on_upgrade, probe),
            )
            .await;
        });
        handshake::switching(accept)
    }

    async fn probe(&self, on_upgrade: OnUpgrade, probe: Option<Probe>) {
        let Some(mut websocket) = self.take_stream(on_upgrade).await else {
            return;
        };
        let close_timeout = self.shared.config.close_timeout;
        let Some(probe) = probe else {
            // Another websocket is, or is about to become, the transport: this one is told to go.
            websocket.wire.close_unused(close_timeout).await;
            return;
        };
        let link = &probe.0;
        if take_over(link, &mut websocket).await {
            link.switch(Box::new(websocket));
        } else {
            websocket.wire.close_unused(close_timeout).await;
        }
    }
}

/// The client's part of the upgrade; true when it says that it has switched.
async fn take_over(link: &Link, websocket: &mut Websocket) -> bool {
    let mut probed = false;
    let mut bytes = std::mem::take(&mut websocket.leftover);
    loop {
        let mut input = Input::new(&mut bytes);
        loop {
            let packet = match websocket.decoder.next(&mut input) {
                Ok(Some(Message::Text(text))) => Packet::parse(text),
                Ok(Some(Message::Ping(_) | Message::Pong)) => continue,
                Ok(None) => break,
                Ok(Some(Message::Binary(_) | Message::Close(_))) | Err(_) => return false,
            };
            match packet {
                Ok(Packet::Probe) if !probed => {
                    probed = true;
                    let mut pong = Vec::new();
                    frame::write(&mut pong, frame::TEXT, &[&[PONG], &b"probe"[..]].concat());
                    if websocket.wire.write_all(pong).await.is_err() {
                        return false;
                    }
                    link.release_poll();
                }
                Ok(Packet::Upgrade) if probed => {
                    websocket.leftover = input.rest().to_vec();
                    return true;
                }
                _ => return false,
            }
        }
        let step = poll_fn(|cx| match link.poll_closing(cx) {
            Poll::Ready(()) => Poll::Ready(Step::Closing(DisconnectReason::TransportClose)),
            Poll::Pending => websocket.wire.poll_read(cx),
        });
        let Step::Read(scratch) = step.await else {
            return false;
        };
        bytes = scratch[..scratch.filled].to_vec();
    }
}
