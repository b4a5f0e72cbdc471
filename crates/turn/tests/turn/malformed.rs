//! Requests and indications with one thing wrong: the RFC's answer, or silence.
use holdspace_turn::Count;
use holdspace_turn::stun::{Attribute, Method};
use proptest::prelude::*;

use crate::caller::{Caller, channel_data};
use crate::lab::{Lab, address, client};

fn requests(caller: &mut Caller) -> Vec<Vec<u8>> {
    let peer = address("8.8.8.8:4000");
    vec![
        caller.allocate(),
        caller.refresh(0),
        caller.create_permission(&[peer, address("8.8.4.4:1")]),
        caller.channel_bind(0x4002, peer),
    ]
}

proptest! {
    #[test]
    fn a_request_that_was_touched_is_never_granted(which in 0_usize..4, at in any::<prop::sample::Index>(), bit in 0..8) {
        let mut lab = Lab::new();
        let (mut caller, _) = lab.allocated(&client(1));
        let before = lab.core.counters();
        let mut request = requests(&mut caller).swap_remove(which);
        let at = at.index(request.len());
        request[at] ^= 1_u8 << bit;
        if let Some(answer) = lab.ask(&client(1), &request) {
            // One bit makes a Binding of an Allocate, and that needs no credentials.
            let is_binding = answer.method == Method::Binding && answer.code() == 0;
            prop_assert!(is_binding || [400, 401].contains(&answer.code()), "{} for byte {at}", answer.code());
        }
        prop_assert_eq!(lab.network.open.len(), 1);
        prop_assert_eq!(lab.core.counters().get(Count::Allocated), before.get(Count::Allocated));
    }

    #[test]
    fn a_request_that_was_cut_is_not_answered(which in 0_usize..4, end in any::<prop::sample::Index>()) {
        let mut lab = Lab::new();
        let (mut caller, _) = lab.allocated(&client(1));
        let request = requests(&mut caller).swap_remove(which);
        let end = end.index(request.len());
        prop_assert_eq!(lab.ask(&client(1), &request[..end]), None);
        let longer = [&request[..], &vec![0; end]].concat();
        if end > 0 {
            prop_assert_eq!(lab.ask(&client(1), &longer), None);
        }
    }

    #[test]
    fn any_value_of_any_attribute_is_answered(
        method in prop::sample::select(vec![Method::Allocate, Method::Refresh, Method::CreatePermission, Method::ChannelBind]),
        attributes in prop::collection::vec((prop::sample::select(KINDS.to_vec()), prop::collection::vec(any::<u8>(), 0..40)), 0..6),
        has_allocation in any::<bool>(),
    ) {
        let mut lab = Lab::new();
        let mut caller = if has_allocation { lab.allocated(&client(1)).0 } else { lab.caller(&client(1), "alice") };
        let request = caller.sealed(method, |writer| {
            for (kind, value) in &attributes {
                writer.attribute(Attribute(*kind), value);
            }
        });
        let answer = lab.ask(&client(1), &request).expect("an answer");
        let codes = [0, 400, 401, 403, 420, 437, 438, 440, 442, 443, 508];
        prop_assert!(codes.contains(&answer.code()), "{}", answer.code());
        prop_assert_eq!(&answer.bytes[8..20], &request[8..20]);
    }

    #[test]
    fn no_datagram_of_a_client_or_a_peer_does_harm(data in prop::collection::vec(any::<u8>(), 0..1500), first in 0_u8..=0x4F) {
        let mut lab = Lab::new();
        let (mut caller, relayed) = lab.allocated(&client(1));
        let bind = caller.channel_bind(0x4001, address("8.8.8.8:4000"));
        prop_assert_eq!(lab.code(&client(1), &bind), 0);
        let mut data = data;
        if let Some(byte) = data.first_mut() {
            *byte = first;
        }
        let mut out = Vec::new();
        lab.core.handle_client(&client(1), &data, lab.now, &mut lab.network, &mut out);
        prop_assert!(out.len() <= 200);
        let (_, delivered) = lab.arrive(relayed, address("8.8.8.8:4000"), &data).expect("a permission");
        prop_assert_eq!(delivered, channel_data(0x4001, &data));
    }
}

/// Every attribute there is, and some that are not.
const KINDS: [u16; 22] = [
    0x0001, 0x0006, 0x0009, 0x000A, 0x000C, 0x000D, 0x0012, 0x0013, 0x0014, 0x0015, 0x0017, 0x0018,
    0x0019, 0x001A, 0x001D, 0x0022, 0x002A, 0x7777, 0x8000, 0x8002, 0x8022, 0xC000,
];
