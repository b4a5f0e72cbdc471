//! Public keys: read from PEM (SPKI) or JWK, and the signatures they check. A key knows its one
//! algorithm, so none can be used for another.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
    UnparsedPublicKey,
};
use rustls_pki_types::SubjectPublicKeyInfoDer;
use rustls_pki_types::pem::PemObject;
use serde::Deserialize;

use crate::config::Algorithm;

/// A key of one of the algorithms with a public key.
#[derive(Clone, Debug)]
pub(super) enum PublicKey {
    /// Modulus and exponent, big-endian without leading zeros.
    Rsa { n: Vec<u8>, e: Vec<u8> },
    /// An uncompressed point of P-256: 65 bytes.
    P256(Vec<u8>),
    /// 32 bytes.
    Ed25519(Vec<u8>),
}

/// A key as a JWKS shows it (RFC 7517). What we cannot use is skipped.
#[derive(Debug, Deserialize)]
pub(super) struct Jwk {
    kty: String,
    pub(super) kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

const RSA_OID: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const EC_OID: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const P256_OID: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const ED25519_OID: &[u8] = &[0x2b, 0x65, 0x70];

impl PublicKey {
    /// From the text of a PEM file with a `PUBLIC KEY` (RFC 5280 §4.1).
    pub(super) fn from_pem(pem: &[u8]) -> Option<Self> {
        let spki = SubjectPublicKeyInfoDer::from_pem_slice(pem).ok()?;
        Self::from_spki(&spki)
    }

    fn from_spki(der: &[u8]) -> Option<Self> {
        let mut body = Der(der).constructed()?;
        let mut algorithm = body.constructed()?;
        let oid = algorithm.value(OID)?;
        let key = body.value(BIT_STRING)?.strip_prefix(&[0])?;
        if oid == RSA_OID {
            let mut numbers = Der(key).constructed()?;
            let n = numbers.value(INTEGER)?;
            return Self::rsa(n, numbers.value(INTEGER)?);
        }
        if oid == EC_OID && algorithm.value(OID)? == P256_OID {
            return Self::p256(key.to_vec());
        }
        (oid == ED25519_OID)
            .then(|| Self::ed25519(key.to_vec()))
            .flatten()
    }

    /// From a key of a JWKS, if it is one that checks signatures of ours.
    pub(super) fn from_jwk(jwk: &Jwk) -> Option<Self> {
        if jwk.usage.as_deref().is_some_and(|usage| usage != "sig") {
            return None;
        }
        let bytes = |part: &Option<String>| BASE64_URL_SAFE_NO_PAD.decode(part.as_ref()?).ok();
        let key = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
            ("RSA", _) => Self::rsa(&bytes(&jwk.n)?, &bytes(&jwk.e)?),
            ("EC", Some("P-256")) => Self::p256([vec![4], bytes(&jwk.x)?, bytes(&jwk.y)?].concat()),
            ("OKP", Some("Ed25519")) => Self::ed25519(bytes(&jwk.x)?),
            _ => None,
        }?;
        let named = jwk.alg.as_deref();
        (named.is_none() || named == Some(key.algorithm().as_str())).then_some(key)
    }

    fn rsa(n: &[u8], e: &[u8]) -> Option<Self> {
        let significant = |bytes: &[u8]| -> Option<Vec<u8>> {
            let first = bytes.iter().position(|&byte| byte != 0)?;
            Some(bytes[first..].to_vec())
        };
        Some(Self::Rsa {
            n: significant(n)?,
            e: significant(e)?,
        })
    }

    fn p256(point: Vec<u8>) -> Option<Self> {
        (point.len() == 65 && point[0] == 4).then_some(Self::P256(point))
    }

    fn ed25519(key: Vec<u8>) -> Option<Self> {
        (key.len() == 32).then_some(Self::Ed25519(key))
    }

    /// The one algorithm it serves.
    pub(super) const fn algorithm(&self) -> Algorithm {
        match self {
            Self::Rsa { .. } => Algorithm::Rs256,
            Self::P256(_) => Algorithm::Es256,
            Self::Ed25519(_) => Algorithm::EdDsa,
        }
    }

    /// Whether `signature` of `message` was made with its private half.
    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Rsa { n, e } => RsaPublicKeyComponents { n, e }
                .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
                .is_ok(),
            Self::P256(point) => UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
                .verify(message, signature)
                .is_ok(),
            Self::Ed25519(key) => UnparsedPublicKey::new(&ED25519, key)
                .verify(message, signature)
                .is_ok(),
        }
    }
}

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OID: u8 = 0x06;
const SEQUENCE: u8 = 0x30;

/// What is left of a DER encoding (X.690 §8.1): just enough for a public key.
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    fn constructed(&mut self) -> Option<Der<'a>> {
        self.value(SEQUENCE).map(Der)
    }

    fn value(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (&found, rest) = self.0.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            0x81 | 0x82 => {
                let (digits, rest) = rest.split_at_checked(usize::from(first & 0x0f))?;
                let length = digits
                    .iter()
                    .fold(0, |sum, &digit| sum << 8 | usize::from(digit));
                (length, rest)
            }
            _ => return None,
        };
        let (value, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        (found == tag).then_some(value)
    }
}
