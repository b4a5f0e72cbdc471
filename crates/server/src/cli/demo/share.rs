//! `--share`: a demo for devices of the same network. Browsers give camera and microphone only to pages
//! that came over TLS, so that a certificate is made on the spot.

use std::fmt::Write;
use std::net::{IpAddr, SocketAddr};

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, date_time_ymd};
use ring::digest::{SHA256, digest};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use crate::cli::Failure;
use crate::config::{Config, Tls};
use crate::relay::own_address;

/// How many days before and after today the certificate is good for: clocks differ, and some browsers
/// believe none that is good for more than a year.
const VALID_DAYS: (i64, i64) = (2, 30);

/// Where the demo is, for other devices.
pub(super) struct Share {
    address: IpAddr,
    /// Of the certificate that was made; `None` with a configured one.
    fingerprint: Option<String>,
}

impl Share {
    /// Has the server listen on this address, or on that of the default route, with TLS.
    pub(super) fn prepare(given: Option<IpAddr>, config: &mut Config) -> Result<Self, Failure> {
        let address = given.or_else(own_address).ok_or_else(|| {
            Failure::Usage(
                "this machine has no way to a network; name its address: --share=ADDRESS"
                    .to_owned(),
            )
        })?;
        let listens_on_all = config
            .http
            .host
            .parse()
            .is_ok_and(|host: IpAddr| host.is_unspecified());
        if !listens_on_all {
            config.http.host = address.to_string();
        }
        let mut fingerprint = None;
        if config.http.tls.is_none() {
            let (tls, made) = make_certificate(address).map_err(|error| {
                Failure::Refused(format!("no certificate can be made: {error}"))
            })?;
            config.http.tls = Some(tls);
            fingerprint = Some(made);
        }
        Ok(Self {
            address,
            fingerprint,
        })
    }

    /// The same port on the shared address.
    pub(super) fn socket_address(&self, listening: SocketAddr) -> SocketAddr {
        SocketAddr::new(self.address, listening.port())
    }

    /// What to expect on the other device.
    pub(super) fn advice(&self) -> String {
        let mut advice =
            "Any device that reaches this machine's network can open them, as can anybody who sees them.\n"
                .to_owned();
        if let Some(fingerprint) = &self.fingerprint {
            // Writing to a string does not fail.
            let _ = write!(
                advice,
                "Its browser warns once, because it does not know the certificate, which was made just now for this\n\
                 demo: choose \"Advanced\" (Safari: \"Show Details\") and go on. To be sure that it is this machine, compare\n\
                 the certificate's SHA-256 fingerprint:\n  {fingerprint}\n"
            );
        }
        advice
    }
}

/// A certificate for this address alone, and its fingerprint as browsers show it.
fn make_certificate(address: IpAddr) -> anyhow::Result<(Tls, String)> {
    let today = TimeZone::UTC.to_datetime(Timestamp::now()).date();
    let mut params = CertificateParams::new([address.to_string()])?;
    // The parts come from a calendar, so that they are a date there too.
    let midnight = |date: Date| {
        let (month, day) = (date.month().unsigned_abs(), date.day().unsigned_abs());
        date_time_ymd(date.year().into(), month, day)
    };
    params.not_before = midnight(today.checked_sub(VALID_DAYS.0.days())?);
    params.not_after = midnight(today.checked_add(VALID_DAYS.1.days())?);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params
        .distinguished_name
        .push(DnType::CommonName, "Holdspace demo");
    let key = KeyPair::generate()?;
    let certificate: CertificateDer<'static> = params.self_signed(&key)?.der().clone();
    let fingerprint = fingerprint(&certificate);
    let key = PrivateKeyDer::try_from(key.serialize_der()).map_err(anyhow::Error::msg)?;
    Ok((Tls::new(vec![certificate], key)?, fingerprint))
}

fn fingerprint(certificate: &CertificateDer<'_>) -> String {
    let digest = digest(&SHA256, certificate);
    let pairs: Vec<String> = digest
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect();
    pairs.join(":")
}
