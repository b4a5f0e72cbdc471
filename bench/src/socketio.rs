//! As much of a Socket.IO client as the benchmark needs: connect with a token, join a room, wait for an event.
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use tokio::time::timeout;

use crate::subject::Person;
use crate::wire::{self, Frames, Wire};

const PATH: &str = "/socket.io/?EIO=4&transport=websocket";
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// A connected socket of the namespace `/`.
#[derive(Debug)]
pub(crate) struct Socket {
    pub(crate) wire: Rc<Wire>,
    pub(crate) frames: Frames,
    pub(crate) id: String,
}

impl Socket {
    /// Upgrades, opens Engine.IO and connects Socket.IO with `token`.
    pub(crate) async fn connect(
        address: SocketAddr,
        source: Ipv4Addr,
        token: &str,
    ) -> Result<Self> {
        timeout(ANSWER_TIMEOUT, Self::open(address, source, token))
            .await
            .context("the server does not answer")?
    }

    async fn open(address: SocketAddr, source: Ipv4Addr, token: &str) -> Result<Self> {
        let (wire, mut frames) = wire::connect(address, source, PATH).await?;
        let open = frames.next().await?;
        ensure!(
            open.starts_with(b"0{"),
            "no open packet: {}",
            open.escape_ascii()
        );
        wire.send(format!(r#"40{{"token":"{token}"}}"#).as_bytes())
            .await?;
        let connected = frames.next().await?;
        let Some(payload) = connected.strip_prefix(b"40") else {
            bail!("not connected: {}", connected.escape_ascii());
        };
        let payload: Value = serde_json::from_slice(payload).context("the CONNECT packet")?;
        let id = payload["sid"]
            .as_str()
            .context("a CONNECT packet without sid")?
            .to_owned();
        Ok(Self { wire, frames, id })
    }

    /// Joins `room` as `person`.
    pub(crate) async fn join(&mut self, room: &str, person: &Person) -> Result<()> {
        let Person { id, role, .. } = person;
        let event = format!(
            r#"42["join-room",{{"roomId":"{room}","userId":"{id}","userName":"Somebody","userRole":"{role}"}}]"#
        );
        self.wire.send(event.as_bytes()).await?;
        self.wait_for("room-joined").await
    }

    /// Reads until `event` comes.
    pub(crate) async fn wait_for(&mut self, event: &str) -> Result<()> {
        let start = format!(r#"42["{event}""#);
        let arrived = async {
            loop {
                let packet = self.frames.next().await?;
                if packet.starts_with(start.as_bytes()) {
                    return Ok(());
                }
                ensure!(
                    !packet.starts_with(br#"42["error""#),
                    "refused: {}",
                    packet.escape_ascii()
                );
            }
        };
        timeout(ANSWER_TIMEOUT, arrived)
            .await
            .with_context(|| format!("no {event} came"))?
    }
}
