//! Many clients with losses and a clock of leaps, against a model that knows nothing but times: what expires, expires
//! exactly then.
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use holdspace_turn::{Client, Moment, Rules, Transport};

use crate::caller::{Caller, Response, channel_data};
use crate::lab::{Lab, rules};

const CLIENTS: usize = 400;
const STEPS: usize = 12_000;
const SEEDS: [u64; 5] = [1, 2, 3, 4, 5];

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

/// What the model knows of an allocation.
#[derive(Default)]
struct Model {
    relayed: Option<SocketAddr>,
    expires: Moment,
    permissions: HashMap<IpAddr, Moment>,
    channels: HashMap<u16, (SocketAddr, Moment)>,
}

impl Model {
    fn is_there(&self, now: Moment) -> bool {
        self.expires > now
    }

    fn is_permitted(&self, ip: IpAddr, now: Moment) -> bool {
        self.is_there(now)
            && self
                .permissions
                .get(&ip)
                .is_some_and(|expires| *expires > now)
    }

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
}

fn peer(number: u64) -> SocketAddr {
    let host = u8::try_from(number / 2 + 1).unwrap();
    SocketAddr::from(([8, 8, 8, host], 4000 + u16::try_from(number % 2).unwrap()))
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
        }
    }

    fn step(&mut self) {
        let index = self.random.index(CLIENTS);
        match self.random.below(16) {
            0..=2 => self.allocate(index),
            3 => self.refresh(index),
            4 | 5 => self.permit(index),
            6 | 7 => self.bind(index),
            8 | 9 => self.send(index),
            10 | 11 => self.send_by_channel(index),
            12..=14 => self.arrive(index),
            _ => {
                let millis = self.random.below(4_000);
                self.lab.now = self.lab.now + Duration::from_millis(millis);
                // Freeing may be late; being gone is not.
                if self.random.below(3) == 0 {
                    self.lab.core.tick(self.lab.now, &mut self.lab.network);
                }
            }
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
        let request = self.people[index].caller.allocate();
        let answer = self.ask(index, &request);
        let model = &mut self.people[index].model;
        if model.is_there(now) {
            assert_eq!(answer.code(), 437);
            return;
        }
        assert_eq!(answer.code(), 0);
        *model = Model {
            relayed: Some(answer.relayed()),
            expires: now + Duration::from_secs(answer.lifetime().into()),
            ..Model::default()
        };
    }

    fn refresh(&mut self, index: usize) {
        let seconds = [0, 600, 700, 3600][self.random.index(4)];
        let now = self.lab.now;
        let request = self.people[index].caller.refresh(seconds);
        if self.people[index].caller.nonce.is_empty() {
            return;
        }
        let answer = self.ask(index, &request);
        let model = &mut self.people[index].model;
        assert_eq!(answer.code(), if model.is_there(now) { 0 } else { 437 });
        if model.is_there(now) {
            model.expires = now + Duration::from_secs(seconds.into());
        }
    }

    fn permit(&mut self, index: usize) {
        let (peer, now) = (peer(self.random.below(6)), self.lab.now);
        if self.people[index].caller.nonce.is_empty() {
            return;
        }
        let request = self.people[index].caller.create_permission(&[peer]);
        let answer = self.ask(index, &request);
        let model = &mut self.people[index].model;
        assert_eq!(answer.code(), if model.is_there(now) { 0 } else { 437 });
        if model.is_there(now) {
            model
                .permissions
                .insert(peer.ip(), now + Duration::from_mins(5));
        }
    }

    fn bind(&mut self, index: usize) {
        let (peer, now) = (peer(self.random.below(6)), self.lab.now);
        let number = 0x4000 + u16::try_from(self.random.below(4)).unwrap();
        if self.people[index].caller.nonce.is_empty() {
            return;
        }
        let request = self.people[index].caller.channel_bind(number, peer);
        let answer = self.ask(index, &request);
        let model = &mut self.people[index].model;
        let is_other = model
            .channel(number, now)
            .is_some_and(|bound| bound != peer)
            || model.number(peer, now).is_some_and(|bound| bound != number);
        let expected = match (model.is_there(now), is_other) {
            (false, _) => 437,
            (true, true) => 400,
            (true, false) => 0,
        };
        assert_eq!(answer.code(), expected);
        if expected == 0 {
            model
                .permissions
                .insert(peer.ip(), now + Duration::from_mins(5));
            model
                .channels
                .insert(number, (peer, now + Duration::from_mins(10)));
        }
    }

    fn send(&mut self, index: usize) {
        let (peer, now) = (peer(self.random.below(6)), self.lab.now);
        let person = &mut self.people[index];
        let data = person.caller.send(peer, b"hello");
        let sent = self.lab.sent(&person.client, &data);
        assert_eq!(sent.is_some(), person.model.is_permitted(peer.ip(), now));
        if let Some(sent) = sent {
            assert_eq!((Some(sent.from), sent.to), (person.model.relayed, peer));
        }
    }

    fn send_by_channel(&mut self, index: usize) {
        let number = 0x4000 + u16::try_from(self.random.below(4)).unwrap();
        let person = &self.people[index];
        let sent = self
            .lab
            .sent(&person.client, &channel_data(number, b"hello"));
        assert_eq!(
            sent.map(|sent| sent.to),
            person.model.channel(number, self.lab.now)
        );
    }

    fn arrive(&mut self, index: usize) {
        let (peer, now) = (peer(self.random.below(6)), self.lab.now);
        let model = &self.people[index].model;
        let Some(relayed) = model.relayed else { return };
        // The port of an allocation that is gone may be somebody else's by now.
        if !model.is_there(now)
            && self
                .people
                .iter()
                .any(|other| other.model.relayed == Some(relayed) && other.model.is_there(now))
        {
            return;
        }
        let arrived = self.lab.arrive(relayed, peer, b"world!!!");
        assert_eq!(arrived.is_some(), model.is_permitted(peer.ip(), now));
        let Some((client, bytes)) = arrived else {
            return;
        };
        assert_eq!(client, self.people[index].client);
        match model.number(peer, now) {
            Some(number) => assert_eq!(bytes, channel_data(number, b"world!!!")),
            None => assert_eq!(
                Response::read(&bytes).address(holdspace_turn::stun::Attribute::XOR_PEER_ADDRESS),
                Some(peer)
            ),
        }
    }
}

#[test]
fn what_the_model_says_is_what_happens() {
    for seed in SEEDS {
        let mut world = World::new(seed);
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
                "dropped_unpermitted",
                "dropped_stranger",
            ]
            .contains(name)
        }) {
            assert!(number > 100, "seed {seed} hardly tried {name}: {number}");
        }
    }
}
