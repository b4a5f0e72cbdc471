//! Thousands of clients at once, of IPv4, IPv6 and both, with losses and a clock of leaps, against a model that knows nothing
//! but times: what expires, expires exactly then.
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use holdspace_turn::stun::{Attribute, Class, Method, Writer};
use holdspace_turn::{Client, Moment, Rules, Transport};

use crate::caller::{Caller, Response, UDP, channel_data};
use crate::lab::{Lab, rules};

const CLIENTS: usize = 3000;
const STEPS: usize = 30_000;
const SEEDS: [u64; 3] = [1, 2, 3];
const PEERS: u64 = 12;
const CHANNELS: [u16; 4] = [0x4000, 0x4001, 0x4002, 0x7FFF];
/// Steps from one long leap of the clock to the next, on average.
const JUMP_EVERY: u64 = 6000;
/// What an end is waited for.
const PATIENCE_MILLIS: u64 = 4000;

struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut number = self.0;
        number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (number ^ (number >> 31)) % bound
    }

    fn index(&mut self, bound: usize) -> usize {
        usize::try_from(self.below(bound as u64)).unwrap()
    }

    fn is_lost(&mut self) -> bool {
        self.below(5) == 0
    }
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Families {
    Ipv4,
    Ipv6,
    Both,
}

impl Families {
    fn write(self, writer: &mut Writer<'_>) {
        match self {
            Self::Ipv4 => {}
            Self::Ipv6 => {
                writer.attribute(Attribute::REQUESTED_ADDRESS_FAMILY, &[2, 0, 0, 0]);
            }
            Self::Both => {
                writer.attribute(Attribute::ADDITIONAL_ADDRESS_FAMILY, &[2, 0, 0, 0]);
            }
        }
    }
}

/// What the model knows of an allocation.
#[derive(Default)]
struct Model {
    /// IPv4 and IPv6, each with its end.
    relayed: Vec<(SocketAddr, Moment)>,
    permissions: HashMap<IpAddr, Moment>,
    channels: HashMap<u16, (SocketAddr, Moment)>,
}

impl Model {
    fn is_there(&self, now: Moment) -> bool {
        self.relayed.iter().any(|(_, expires)| *expires > now)
    }

    /// The relayed address of the family of `ip`.
    fn relayed(&self, ip: IpAddr, now: Moment) -> Option<SocketAddr> {
        self.relayed
            .iter()
            .find(|(relayed, expires)| relayed.is_ipv4() == ip.is_ipv4() && *expires > now)
            .map(|(relayed, _)| *relayed)
    }

    fn is_permitted(&self, ip: IpAddr, now: Moment) -> bool {
        self.relayed(ip, now).is_some()
            && self
                .permissions
                .get(&ip)
                .is_some_and(|expires| *expires > now)
    }

    /// Whom a channel is bound to, whether or not there is an address to send from.
    fn channel(&self, number: u16, now: Moment) -> Option<SocketAddr> {
        let (peer, expires) = self.channels.get(&number)?;
        (self.is_there(now) && *expires > now).then_some(*peer)
    }

    fn number(&self, peer: SocketAddr, now: Moment) -> Option<u16> {
        self.channels
            .keys()
            .copied()
            .find(|number| self.channel(*number, now) == Some(peer))
    }

    fn permit(&mut self, ip: IpAddr, now: Moment) {
        self.permissions.insert(ip, now + Duration::from_mins(5));
    }

    /// When something ends next.
    fn next_end(&self, now: Moment) -> Option<Moment> {
        let relayed = self.relayed.iter().map(|(_, expires)| *expires);
        let channels = self.channels.values().map(|(_, expires)| *expires);
        relayed
            .chain(channels)
            .chain(self.permissions.values().copied())
            .filter(|expires| *expires > now)
            .min()
    }
}

struct Person {
    client: Client,
    caller: Caller,
    model: Model,
}

struct World {
    lab: Lab,
    random: Random,
    people: Vec<Person>,
    /// Who had an address last.
    owners: HashMap<SocketAddr, usize>,
}

/// Two ports of three addresses, of IPv4 or of IPv6.
fn peer(number: u64) -> SocketAddr {
    let host = u8::try_from(number / 4 + 1).unwrap();
    let port = 4000 + u16::try_from(number % 2).unwrap();
    if number & 2 == 0 {
        SocketAddr::from(([8, 8, 8, host], port))
    } else {
        SocketAddr::from(([0x2A00, 0, 0, 0, 0, 0, 0, u16::from(host)], port))
    }
}

fn person(index: usize) -> Person {
    let number = u16::try_from(index).unwrap();
    let [high, low] = number.to_be_bytes();
    let transport = [Transport::Udp, Transport::Tcp, Transport::Tls][index % 3];
    let address = SocketAddr::from(([203, 0, 113 + high, low], 5000 + number));
    Person {
        client: Client {
            transport,
            link: number.into(),
            address,
        },
        caller: Caller::new(&format!("user-{index}"), "secret"),
        model: Model::default(),
    }
}

impl World {
    fn new(seed: u64) -> Self {
        let rules = Rules {
            nonce_age_max: Duration::from_hours(2000),
            ..rules()
        };
        Self {
            lab: Lab::with(rules),
            random: Random(seed),
            people: (0..CLIENTS).map(person).collect(),
            owners: HashMap::new(),
        }
    }

    /// Everybody gets an allocation: so many are there at once.
    fn fill(&mut self) {
        for index in 0..CLIENTS {
            self.allocate(index);
        }
        assert_eq!(self.lab.core.counters().allocations(), CLIENTS as u64);
    }

    fn step(&mut self) {
        let index = self.random.index(CLIENTS);
        match self.random.below(32) {
            0..=5 => self.allocate(index),
            6 | 7 => self.refresh(index),
            8..=11 => self.permit(index),
            12..=15 => self.bind(index),
            16..=28 => self.use_everything(index),
            29 | 30 => self.wait_for_the_end_of(index),
            _ => {
                let millis = self.random.below(4_000);
                self.wait(Duration::from_millis(millis));
            }
        }
        if self.random.below(JUMP_EVERY) == 0 {
            // As of a machine that was asleep.
            let seconds = self.random.below(700);
            self.wait(Duration::from_secs(seconds));
        }
    }

    fn wait(&mut self, time: Duration) {
        self.lab.now = self.lab.now + time;
        // Freeing may be late; being gone is not.
        if self.random.below(3) == 0 {
            self.lab.core.tick(self.lab.now, &mut self.lab.network);
        }
    }

    /// Tries everything in the last millisecond of something, and when that is over.
    fn wait_for_the_end_of(&mut self, index: usize) {
        let now = self.lab.now;
        let Some(end) = self.people[index].model.next_end(now) else {
            return;
        };
        let left_millis = end.as_millis() - now.as_millis();
        if left_millis > PATIENCE_MILLIS {
            return;
        }
        self.wait(Duration::from_millis(left_millis - 1));
        self.use_everything(index);
        self.wait(Duration::from_millis(1));
        self.use_everything(index);
    }

    fn use_everything(&mut self, index: usize) {
        for number in 0..PEERS {
            self.send(index, peer(number));
            self.arrive(index, peer(number));
        }
        for number in CHANNELS {
            self.send_by_channel(index, number);
        }
    }

    /// Asks as somebody does over a network that loses both questions and answers: again and again, the same.
    fn ask(&mut self, index: usize, request: &[u8]) -> Response {
        let mut answers = Vec::new();
        for _ in 0..100 {
            if self.random.is_lost() {
                continue;
            }
            answers.push(
                self.lab
                    .ask(&self.people[index].client, request)
                    .expect("an answer"),
            );
            if !self.random.is_lost() {
                break;
            }
        }
        let last = answers.pop().expect("a request got through");
        for other in answers {
            assert_eq!(other, last, "a repeated request gets the same answer");
        }
        last
    }

    fn allocate(&mut self, index: usize) {
        if self.people[index].caller.nonce.is_empty() {
            let client = self.people[index].client;
            let username = self.people[index].caller.username.clone();
            // The limit on challenges is for each address, and each has its own.
            self.people[index].caller = self.lab.caller(&client, &username);
        }
        let now = self.lab.now;
        let families = [Families::Ipv4, Families::Ipv6, Families::Both][self.random.index(3)];
        let request = self.people[index]
            .caller
            .sealed(Method::Allocate, |writer| {
                writer.attribute(Attribute::REQUESTED_TRANSPORT, &UDP);
                families.write(writer);
            });
        let answer = self.ask(index, &request);
        let model = &mut self.people[index].model;
        if model.is_there(now) {
            assert_eq!(answer.code(), 437);
            return;
        }
        assert_eq!(answer.code(), 0);
        let expires = now + Duration::from_secs(answer.lifetime().into());
        let addresses = relayed(&answer);
        self.owners
            .extend(addresses.iter().map(|address| (*address, index)));
        *model = Model {
            relayed: addresses
                .into_iter()
                .map(|relayed| (relayed, expires))
                .collect(),
            ..Model::default()
        };
        let has = [true, false].map(|is_ipv4| {
            let mut relayed = model.relayed.iter();
            relayed.any(|(relayed, _)| relayed.is_ipv4() == is_ipv4)
        });
        let expected = match families {
            Families::Ipv4 => [true, false],
            Families::Ipv6 => [false, true],
            Families::Both => [true, true],
        };
        assert_eq!(has, expected);
    }

    /// Of one family, or of all.
    fn refresh(&mut self, index: usize) {
        let seconds = [0, 600, 700, 3600][self.random.index(4)];
        let family = [None, None, Some(1), Some(2)][self.random.index(4)];
        let now = self.lab.now;
        let request = self.people[index].caller.sealed(Method::Refresh, |writer| {
            writer.number(Attribute::LIFETIME, seconds);
            if let Some(family) = family {
                writer.attribute(Attribute::REQUESTED_ADDRESS_FAMILY, &[family, 0, 0, 0]);
            }
        });
        let answer = self.ask(index, &request);
        let model = &mut self.people[index].model;
        let is_meant = |relayed: SocketAddr, expires: Moment| {
            expires > now && family.is_none_or(|family| (family == 1) == relayed.is_ipv4())
        };
        let is_any_meant = (model.relayed.iter()).any(|(relayed, end)| is_meant(*relayed, *end));
        let expected = match (model.is_there(now), is_any_meant) {
            (false, _) => 437,
            (true, false) => 443,
            (true, true) => 0,
        };
        assert_eq!(answer.code(), expected);
        if expected == 0 {
            for (relayed, expires) in &mut model.relayed {
                if is_meant(*relayed, *expires) {
                    *expires = now + Duration::from_secs(seconds.into());
                }
            }
        }
    }

    fn permit(&mut self, index: usize) {
        let (peer, now) = (peer(self.random.below(PEERS)), self.lab.now);
        let request = self.people[index].caller.create_permission(&[peer]);
        let answer = self.ask(index, &request);
        let model = &mut self.people[index].model;
        let expected = match (model.is_there(now), model.relayed(peer.ip(), now)) {
            (false, _) => 437,
            (true, None) => 443,
            (true, Some(_)) => 0,
        };
        assert_eq!(answer.code(), expected);
        if expected == 0 {
            model.permit(peer.ip(), now);
        }
    }

    fn bind(&mut self, index: usize) {
        let (peer, now) = (peer(self.random.below(PEERS)), self.lab.now);
        let number = CHANNELS[self.random.index(CHANNELS.len())];
        let request = self.people[index].caller.channel_bind(number, peer);
        let answer = self.ask(index, &request);
        let model = &mut self.people[index].model;
        let is_other = model
            .channel(number, now)
            .is_some_and(|bound| bound != peer)
            || model.number(peer, now).is_some_and(|bound| bound != number);
        let expected = match (model.is_there(now), is_other, model.relayed(peer.ip(), now)) {
            (false, ..) => 437,
            (true, true, _) => 400,
            (true, false, None) => 443,
            (true, false, Some(_)) => 0,
        };
        assert_eq!(answer.code(), expected);
        if expected == 0 {
            model.permit(peer.ip(), now);
            model
                .channels
                .insert(number, (peer, now + Duration::from_mins(10)));
        }
    }

    fn send(&mut self, index: usize, peer: SocketAddr) {
        let now = self.lab.now;
        let person = &mut self.people[index];
        let data = person.caller.send(peer, b"hello");
        let sent = self.lab.sent(&person.client, &data);
        assert_eq!(sent.is_some(), person.model.is_permitted(peer.ip(), now));
        if let Some(sent) = sent {
            let from = person.model.relayed(peer.ip(), now);
            assert_eq!((Some(sent.from), sent.to), (from, peer));
        }
    }

    fn send_by_channel(&mut self, index: usize, number: u16) {
        let (person, now) = (&self.people[index], self.lab.now);
        let sent = self
            .lab
            .sent(&person.client, &channel_data(number, b"hello"));
        let peer = person.model.channel(number, now);
        let expected = peer.and_then(|peer| Some((person.model.relayed(peer.ip(), now)?, peer)));
        assert_eq!(sent.map(|sent| (sent.from, sent.to)), expected);
    }

    fn arrive(&mut self, index: usize, peer: SocketAddr) {
        let now = self.lab.now;
        let model = &self.people[index].model;
        let Some((relayed, expires)) = model
            .relayed
            .iter()
            .find(|(relayed, _)| relayed.is_ipv4() == peer.is_ipv4())
        else {
            return;
        };
        // The port of an allocation that is gone may be somebody else's by now.
        if *expires <= now && self.owners.get(relayed) != Some(&index) {
            return;
        }
        let arrived = self.lab.arrive(*relayed, peer, b"world!!!");
        assert_eq!(arrived.is_some(), model.is_permitted(peer.ip(), now));
        let Some((client, bytes)) = arrived else {
            return;
        };
        assert_eq!(client, self.people[index].client);
        match model.number(peer, now) {
            Some(number) => assert_eq!(bytes, channel_data(number, b"world!!!")),
            None => assert_eq!(
                Response::read(&bytes).address(Attribute::XOR_PEER_ADDRESS),
                Some(peer)
            ),
        }
    }
}

/// Every address that an answer tells of.
fn relayed(answer: &Response) -> Vec<SocketAddr> {
    let message = answer.message();
    let relayed = message
        .attributes()
        .filter(|(kind, _)| *kind == Attribute::XOR_RELAYED_ADDRESS);
    relayed
        .map(|(kind, value)| {
            // Read by itself, since a message is asked for the first of a kind.
            let mut alone = Vec::new();
            let mut writer = Writer::new(
                &mut alone,
                Class::Success,
                Method::Allocate,
                message.transaction(),
            );
            writer.attribute(kind, value);
            writer.finish();
            Response::read(&alone).relayed()
        })
        .collect()
}

#[test]
fn what_the_model_says_is_what_happens() {
    for seed in SEEDS {
        let mut world = World::new(seed);
        world.fill();
        for _ in 0..STEPS {
            world.step();
        }
        let counters = world.lab.core.counters();
        world.lab.wait(3600);
        assert!(world.lab.network.open.is_empty(), "seed {seed}");
        for (name, number) in counters.iter().filter(|(name, _)| {
            [
                "allocated",
                "sent_packets",
                "received_packets",
                "expired",
                "refused_family",
                "refused_mismatch",
                "dropped_unpermitted",
                "dropped_stranger",
            ]
            .contains(name)
        }) {
            assert!(number > 100, "seed {seed} hardly tried {name}: {number}");
        }
    }
}
