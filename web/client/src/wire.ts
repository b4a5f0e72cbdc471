/** What the server sends and expects over REST and Socket.IO, by the names of the API reference. */

import type { CanJoinView, Error as ErrorReply, EndView, IceView, PersonView, RoomView, SessionView, StartView } from './openapi.js';

/** The server writes null where there is nothing; its description calls such a field optional. */
type Whole<View> = { [Field in keyof View]-?: View[Field] };

export type Role = 'client' | 'psychologist' | 'admin';

export type Person = PersonView;

/** What a visit needs to know of the booking. `callDuration` is in whole minutes. */
export type Session = Whole<
  Pick<
    SessionView,
    | 'id'
    | 'client'
    | 'psychologist'
    | 'guests'
    | 'sessionDate'
    | 'durationMinutes'
    | 'sessionType'
    | 'status'
    | 'paymentStatus'
    | 'roomId'
    | 'videoCallStarted'
    | 'videoCallEnded'
    | 'callDuration'
  >
>;

/** `recheckAt`: when the answer can next change by time alone. */
export type CanJoin = Whole<CanJoinView>;

/** `expiresAt`: when the credentials in `iceServers` stop working. */
export interface IceConfig extends Pick<IceView, 'expiresAt'> {
  iceServers: RTCIceServer[];
}

export type Room = Pick<RoomView, 'roomId' | 'sessionId'>;

export type Started = Pick<StartView, 'session'>;

export type Ended = Pick<EndView, 'session'>;

export type ErrorBody = Pick<ErrorReply['error'], 'code' | 'message' | 'details'>;

export interface Participant {
  socketId: string;
  userId: string;
  userName: string;
  userRole: Role;
  /** This one's connection is lost, and the place is kept for a while. */
  reconnecting?: boolean;
}

export interface RoomJoined {
  roomId: string;
  /** Everyone in the room in the order of joining, oneself included. */
  participants: Participant[];
  resumeToken?: string;
  resumeSeconds?: number;
}

export interface UserLeft {
  socketId: string;
  userId: string;
}

export interface UserReconnected extends UserLeft {
  previousSocketId: string;
}

export interface CallStarted {
  sessionId: string;
  startTime: string;
}

export interface CallEnded {
  sessionId: string;
  endTime: string;
  /** Whole minutes. */
  duration: number;
}

export interface Removed {
  reason: 'REPLACED' | 'CALL_ENDED' | 'SESSION_CANCELLED' | 'SESSION_DECLINED' | string;
}

export type Acknowledgement<Data> = { success: true; data: Data } | { success: false; error: ErrorBody };
