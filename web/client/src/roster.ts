/** Who else is in the room, as a list that a view can show. Pure: each change gives a new list. */

import type { Switches } from './peer/switches.js';
import type { PeerQuality } from './quality.js';
import type { Participant, Role } from './wire.js';

/** Somebody else in the room. A snapshot: each change gives a new one. */
export interface Companion {
  userId: string;
  socketId: string;
  name: string;
  role: Role;
  /** The way between this person and the server is lost; the place is kept for a while. */
  isReconnecting: boolean;
  /** The way of the media between this person and oneself. */
  connection: RTCPeerConnectionState;
  /** Null as long as the other side has not told. */
  switches: Switches | null;
  /** The camera is on, but the path is too narrow for a picture: it comes back by itself. */
  isCameraPaused: boolean;
  /** Picture and voice together, for one video element; another stream when a track is added. */
  camera: MediaStream | null;
  /** What this person shares; null while nothing is shared. */
  screen: MediaStream | null;
  /** Null until there are two measurements. */
  quality: PeerQuality | null;
  /** `482 917`: both sides see the same digits unless somebody sits in between. Null until it is agreed on. */
  safetyCode: string | null;
  /** The other side's certificate is the one that was signalled. Null where the browser does not tell. */
  isSafe: boolean | null;
  /** The way of the media has stopped, and a new one is being looked for. */
  isRepairing: boolean;
}

export type Roster = readonly Companion[];

/** The list after `room-joined`: what is known of those who are still there is kept. */
export function afterJoined(roster: Roster, participants: readonly Participant[], ownUserId: string): Roster {
  return participants
    .filter(({ userId }) => userId !== ownUserId)
    .map((participant) => {
      const known = roster.find(({ userId }) => userId === participant.userId);
      return known ? { ...known, socketId: participant.socketId, isReconnecting: participant.reconnecting === true } : companion(participant);
    });
}

/** Whoever joins anew starts anew: the earlier connection is worth nothing. */
export function afterUserJoined(roster: Roster, participant: Participant): Roster {
  return [...roster.filter(({ userId }) => userId !== participant.userId), companion(participant)];
}

/** A departure counts only for the socket that the person is known by: a later one may have taken its place. */
export function afterUserLeft(roster: Roster, left: { socketId: string; userId: string }): Roster {
  return roster.filter(({ userId, socketId }) => userId !== left.userId || socketId !== left.socketId);
}

export function withChange(roster: Roster, userId: string, change: Partial<Companion>): Roster {
  return roster.map((one) => (one.userId === userId ? { ...one, ...change } : one));
}

/**
 * How to meet `other` right after joining. Those who were there first offer; who comes back without a connection
 * (a reloaded page) offers too, since the others do not know.
 */
export function meeting(participants: readonly Participant[], own: string, other: string, isReturning: boolean): { isPolite: boolean; offers: boolean } {
  const order = participants.map(({ userId }) => userId);
  const isFirst = order.indexOf(own) < order.indexOf(other);
  return { isPolite: !isFirst, offers: isFirst || isReturning };
}

function companion(participant: Participant): Companion {
  return {
    userId: participant.userId,
    socketId: participant.socketId,
    name: participant.userName,
    role: participant.userRole,
    isReconnecting: participant.reconnecting === true,
    connection: 'new',
    switches: null,
    isCameraPaused: false,
    camera: null,
    screen: null,
    quality: null,
    safetyCode: null,
    isSafe: null,
    isRepairing: false,
  };
}
