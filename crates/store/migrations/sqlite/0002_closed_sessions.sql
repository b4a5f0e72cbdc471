-- Whose visits were over a short while ago, asked at every start.
CREATE INDEX sessions_closed ON sessions (updated_at) WHERE status IN ('completed', 'cancelled', 'declined');
