/** What the server sends and expects over REST and Socket.IO, by the names of the API reference. */

export type Role = 'client' | 'psychologist' | 'admin';

export interface Person {
  id: string;
  name: string;
  email: string;
}

export interface Session {
  id: string;
  client: Person;
  psychologist: Person;
  guests: Person[];
  sessionDate: string;
  durationMinutes: number;
  sessionType: string;
  status: string;
  paymentStatus: string;
  roomId: string | null;
  videoCallStarted: string | null;
  videoCallEnded: string | null;
  /** Whole minutes. */
  callDuration: number | null;
}

export interface CanJoin {
  canJoin: boolean;
  reason: string | null;
  minutesUntilSession: number;
  sessionStatus: string;
  paymentStatus: string;
  timeWindow: { allowedFrom: string; allowedUntil: string };
  /** When the answer can next change by time alone. */
  recheckAt?: string | null;
}

export interface IceConfig {
  iceServers: RTCIceServer[];
  /** When the credentials in `iceServers` stop working. */
  expiresAt?: string;
}

export interface Room {
  roomId: string;
  sessionId: string;
}

export interface Started {
  session: { id: string; status: string; videoCallStarted: string };
}

export interface Ended {
  /** Whole minutes. */
  duration: number;
  durationSeconds?: number;
  session: { id: string; status: string; videoCallStarted: string; videoCallEnded: string; callDuration: number };
}

export interface ErrorBody {
  code: string;
  message: string;
  details: Record<string, unknown>;
}

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
