// The peer's rule of who may join when.
const MINUTE = 60_000;
const JOINABLE = ['confirmed', 'in_progress'];
const STATUS_REASON = {
  cancelled: 'SESSION_CANCELLED',
  declined: 'SESSION_DECLINED',
  completed: 'SESSION_COMPLETED',
};
const PAYMENT_REASON = { pending: 'PAYMENT_PENDING', failed: 'PAYMENT_FAILED', refunded: 'PAYMENT_REFUNDED' };

/** Why `session` cannot be joined at `now`, or null. */
export function admit(session, now) {
  if (!JOINABLE.includes(session.status)) return STATUS_REASON[session.status] ?? 'SESSION_NOT_CONFIRMED';
  if (session.payment_status !== 'completed') return PAYMENT_REASON[session.payment_status];
  if (now < session.session_date - 15 * MINUTE) return 'TOO_EARLY';
  if (now > session.session_date + 120 * MINUTE) return 'WINDOW_CLOSED';
  return null;
}

/** What can-join answers. */
export function canJoinView(session, now) {
  const reason = admit(session, now);
  return {
    canJoin: reason === null,
    reason,
    minutesUntilSession: Math.round((session.session_date - now) / MINUTE),
    sessionStatus: session.status,
    paymentStatus: session.payment_status,
    timeWindow: {
      allowedFrom: new Date(session.session_date - 15 * MINUTE).toISOString(),
      allowedUntil: new Date(session.session_date + 120 * MINUTE).toISOString(),
    },
  };
}
