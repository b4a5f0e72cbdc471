/** The bodies of REST. Made from docs/openapi.json by `npm run openapi`: change the server, not this file. */

/** A visit to book. */
export type BookingBody = {
  client: Person;
  psychologist: Person;
  guests?: Person[];
  /** RFC 3339 with an offset. */
  sessionDate: string;
  /** 1 to 1440; 50 when it is missing. */
  durationMinutes?: number | null;
  /** `Individual` (the default), `Couple`, `Family`, `Group` or `Assessment`. */
  sessionType?: string | null;
  /** `Pending` (the default) or `Confirmed`. */
  status?: string | null;
  /** `Pending` (the default), `Completed`, `Failed` or `Refunded`. */
  paymentStatus?: string | null;
  /** The platform's own key; unique. */
  externalId?: string | null;
};

/** `data` of can-join. */
export type CanJoinView = {
  canJoin: boolean;
  /** Why not: `SESSION_CANCELLED`, `SESSION_DECLINED`, `SESSION_COMPLETED`, `SESSION_NOT_CONFIRMED`, `PAYMENT_PENDING`, `PAYMENT_FAILED`, `PAYMENT_REFUNDED`, `TOO_EARLY` or `WINDOW_CLOSED`. */
  reason?: string | null;
  /** Rounded to the nearest; negative once the time has passed. */
  minutesUntilSession: number;
  /** The session's status in lower snake case. */
  sessionStatus: string;
  /** The payment's status in lower snake case. */
  paymentStatus: string;
  timeWindow: TimeWindowView;
  recheckAt?: Time | null;
};

/** A change of a session. What is missing stays as it is. */
export type ChangeBody = {
  status?: string | null;
  paymentStatus?: string | null;
  sessionDate?: string | null;
  durationMinutes?: number | null;
  guests?: Person[] | null;
};

/** A person who is stored unless he is known. */
export type Description = {
  id?: string | null;
  name: string;
  email: string;
};

/** The body of end. Other fields are passed over. */
export type EndBody = {
  /** RFC 3339 with an offset; the server's clock when it is missing. */
  endTime?: string | null;
};

/** `data` of end. */
export type EndView = {
  message: string;
  /** Whole minutes, nearest, half up. */
  duration?: number | null;
  /** Whole seconds, nearest. */
  durationSeconds?: number | null;
  session: EndedView;
};

/** A session whose call has ended. */
export type EndedView = {
  id: string;
  status: string;
  videoCallStarted?: Time | null;
  videoCallEnded?: Time | null;
  /** Whole minutes, nearest, half up. */
  callDuration?: number | null;
};

export type Error = {
  success: false;
  error: {
    /** Stable, for code to tell errors apart. */
    code: string;
    /** For a person. */
    message: string;
    /** What belongs to the code; may be empty. */
    details: Record<string, unknown>;
    /** RFC 3339, UTC. */
    timestamp: string;
  };
};

/** One server. */
export type IceServerView = {
  urls: string;
  username?: string | null;
  credential?: string | null;
};

/** `iceServers` as a browser takes them. */
export type IceView = {
  iceServers: IceServerView[];
  expiresAt?: Time | null;
};

/** The body of login. */
export type LoginBody = {
  email: string;
  password: string;
};

/** A sentence. */
export type MessageData = {
  message: string;
};

/** The same by name alone. */
export type NamesView = {
  client: string;
  psychologist: string;
  guests?: string[];
};

/** Everybody booked, by place. `guests` is there only when somebody is one. */
export type ParticipantsView = {
  client: PersonView;
  psychologist: PersonView;
  guests?: PersonView[];
};

export type Person = string | Description;

/** Somebody who is booked. */
export type PersonView = {
  id: string;
  name: string;
  email: string;
};

/** The body of refresh and logout. */
export type RefreshBody = {
  refreshToken: string;
};

/** `data` of generate-room. */
export type RoomView = {
  roomId: string;
  sessionId: string;
  sessionDate: Time;
  /** `Individual`, `Couple`, `Family`, `Group` or `Assessment`. */
  sessionType: string;
  participants: ParticipantsView;
};

/** `data` of one session. */
export type SessionData = {
  session: SessionView;
};

/** A booked visit. */
export type SessionView = {
  id: string;
  /** The platform's own key for it. */
  externalId?: string | null;
  client: PersonView;
  psychologist: PersonView;
  guests: PersonView[];
  sessionDate: Time;
  durationMinutes: number;
  /** `Individual`, `Couple`, `Family`, `Group` or `Assessment`. */
  sessionType: string;
  /** `Pending`, `Confirmed`, `In Progress`, `Completed`, `Cancelled` or `Declined`. */
  status: string;
  /** `Pending`, `Completed`, `Failed` or `Refunded`. */
  paymentStatus: string;
  /** Null until generate-room was asked for. */
  roomId?: string | null;
  videoCallStarted?: Time | null;
  videoCallEnded?: Time | null;
  /** Whole minutes, nearest, half up. */
  callDuration?: number | null;
  createdAt: Time;
  updatedAt: Time;
};

/** `data` of a list. */
export type SessionsData = {
  sessions: SessionView[];
  /** What to pass as `cursor` for the next page; null on the last. */
  nextCursor?: string | null;
};

/** Tokens and whose they are. */
export type SignedInData = {
  /** For `x-auth-token`. */
  token: string;
  expiresAt: Time;
  /** Good for one refresh. */
  refreshToken: string;
  user: UserView;
};

/** The body of start. Other fields are passed over. */
export type StartBody = {
  /** RFC 3339 with an offset; the server's clock when it is missing. */
  startTime?: string | null;
};

/** `data` of start. */
export type StartView = {
  message: string;
  session: StartedView;
};

/** A session whose call has started. */
export type StartedView = {
  id: string;
  status: string;
  videoCallStarted?: Time | null;
  participants: NamesView;
};

/** RFC 3339, UTC, milliseconds, `Z`. */
export type Time = string;

/** When a session can be joined, both ends included. */
export type TimeWindowView = {
  allowedFrom: Time;
  allowedUntil: Time;
};

/** A user to store. */
export type UserBody = {
  /** 24 hex digits; a fresh one when it is missing. */
  id?: string | null;
  name: string;
  /** Unique without regard to case. */
  email: string;
  /** `client`, `psychologist` or `admin`. */
  role: string;
  /** For those who sign in here. */
  password?: string | null;
};

/** `data` of the user endpoints. */
export type UserData = {
  user: UserView;
};

/** A user with his role. */
export type UserView = {
  id: string;
  /** Null when a token without a name is all that is known. */
  name?: string | null;
  /** Null for a user who is not stored here. */
  email?: string | null;
  /** `client`, `psychologist` or `admin`. */
  role: string;
};
