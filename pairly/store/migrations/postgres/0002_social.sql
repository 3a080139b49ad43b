-- +goose Up
CREATE TABLE profiles (
    id                  TEXT PRIMARY KEY,
    user_id             TEXT NOT NULL UNIQUE REFERENCES users (id),
    display_name        TEXT NOT NULL CHECK (length(display_name) BETWEEN 1 AND 50),
    bio                 TEXT CHECK (length(bio) <= 500),
    age                 BIGINT NOT NULL CHECK (age BETWEEN 18 AND 99),
    profile_picture_url TEXT,
    price_per_message   BIGINT NOT NULL DEFAULT 0 CHECK (price_per_message BETWEEN 0 AND 10000),
    lat                 DOUBLE PRECISION CHECK (lat BETWEEN -90 AND 90),
    lng                 DOUBLE PRECISION CHECK (lng BETWEEN -180 AND 180),
    geohash             TEXT,
    is_online           BOOLEAN NOT NULL DEFAULT FALSE,
    last_seen           BIGINT NOT NULL,
    total_earnings      BIGINT NOT NULL DEFAULT 0 CHECK (total_earnings >= 0),
    view_count          BIGINT NOT NULL DEFAULT 0 CHECK (view_count >= 0),
    visibility          TEXT NOT NULL CHECK (visibility IN ('public', 'quarantined', 'removed')),
    created_at          BIGINT NOT NULL,
    updated_at          BIGINT NOT NULL,
    CHECK ((lat IS NULL) = (lng IS NULL) AND (lat IS NULL) = (geohash IS NULL))
);
CREATE INDEX profiles_by_geohash ON profiles (geohash);

CREATE TABLE profile_gallery (
    profile_id TEXT NOT NULL REFERENCES profiles (id) ON DELETE CASCADE,
    position   BIGINT NOT NULL CHECK (position BETWEEN 0 AND 9),
    url        TEXT NOT NULL,
    s3_key     TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (profile_id, position)
);

CREATE TABLE credits_transactions (
    seq                  BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id                   TEXT NOT NULL UNIQUE,
    user_id              TEXT NOT NULL REFERENCES users (id),
    amount               BIGINT NOT NULL CHECK (amount <> 0),
    transaction_type     TEXT NOT NULL,
    status               TEXT NOT NULL CHECK (status IN ('pending', 'completed', 'failed', 'reversed')),
    balance_before       BIGINT NOT NULL CHECK (balance_before >= 0),
    balance_after        BIGINT NOT NULL CHECK (balance_after >= 0),
    description          TEXT NOT NULL CHECK (length(description) <= 200),
    idempotency_key      TEXT CHECK (length(idempotency_key) BETWEEN 1 AND 128),
    request_hash         TEXT,
    related_user_id      TEXT,
    related_entity_type  TEXT,
    related_entity_id    TEXT,
    payment_provider     TEXT,
    payment_id           TEXT,
    payment_amount_minor BIGINT,
    payment_currency     TEXT CHECK (length(payment_currency) = 3),
    counterpart_id       TEXT UNIQUE, -- the other row of a transfer
    reverses_id          TEXT UNIQUE REFERENCES credits_transactions (id),
    created_at           BIGINT NOT NULL,
    CHECK (balance_after = balance_before + amount),
    CHECK (
        (transaction_type IN ('purchase', 'admin_grant', 'bonus', 'tip_received', 'message_earning', 'payout_release') AND amount > 0)
        OR (transaction_type IN ('message', 'call', 'tip', 'unlock', 'subscription', 'admin_deduct', 'expired', 'payout_hold') AND amount < 0)
        OR (transaction_type = 'refund' AND (amount > 0 OR reverses_id IS NOT NULL))
    ),
    CHECK ((idempotency_key IS NULL) = (request_hash IS NULL)),
    CHECK ((payment_provider IS NULL) = (payment_id IS NULL)),
    UNIQUE (user_id, idempotency_key),
    UNIQUE (payment_provider, payment_id)
);
CREATE INDEX credits_transactions_by_user ON credits_transactions (user_id, seq);
CREATE INDEX credits_transactions_by_entity ON credits_transactions (related_entity_id, related_entity_type);

-- The ledger is append-only: a row may only go from completed to reversed.
-- +goose StatementBegin
CREATE FUNCTION credits_transactions_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.status = 'completed' AND NEW.status = 'reversed'
            AND to_jsonb(NEW) - 'status' = to_jsonb(OLD) - 'status' THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'credits_transactions is append-only';
END;
$$;
-- +goose StatementEnd
CREATE TRIGGER credits_transactions_no_change BEFORE UPDATE OR DELETE ON credits_transactions
    FOR EACH ROW EXECUTE FUNCTION credits_transactions_guard();
CREATE TRIGGER credits_transactions_no_truncate BEFORE TRUNCATE ON credits_transactions
    FOR EACH STATEMENT EXECUTE FUNCTION credits_transactions_guard();

CREATE TABLE messages (
    seq               BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id                TEXT NOT NULL UNIQUE,
    from_user_id      TEXT NOT NULL REFERENCES users (id),
    to_user_id        TEXT NOT NULL REFERENCES users (id),
    content           TEXT NOT NULL CHECK (length(content) BETWEEN 1 AND 2000),
    credits_charged   BIGINT NOT NULL CHECK (credits_charged >= 0),
    client_message_id TEXT NOT NULL CHECK (length(client_message_id) BETWEEN 1 AND 64),
    is_read           BOOLEAN NOT NULL DEFAULT FALSE,
    read_at           BIGINT,
    moderation_status TEXT NOT NULL CHECK (moderation_status IN ('published', 'quarantined', 'removed', 'escalated')),
    created_at        BIGINT NOT NULL,
    CHECK (from_user_id <> to_user_id),
    CHECK (is_read = (read_at IS NOT NULL)),
    UNIQUE (from_user_id, client_message_id)
);
CREATE INDEX messages_by_pair ON messages (from_user_id, to_user_id, seq);
CREATE INDEX messages_by_recipient ON messages (to_user_id, seq);

CREATE TABLE blocks (
    user_id         TEXT NOT NULL REFERENCES users (id),
    blocked_user_id TEXT NOT NULL REFERENCES users (id),
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (user_id, blocked_user_id),
    CHECK (user_id <> blocked_user_id)
);
CREATE INDEX blocks_by_blocked ON blocks (blocked_user_id);

CREATE TABLE user_mutes (
    user_id     TEXT PRIMARY KEY REFERENCES users (id),
    muted_until BIGINT NOT NULL,
    muted_by    TEXT NOT NULL,
    reason      TEXT,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
);
CREATE INDEX user_mutes_by_end ON user_mutes (muted_until);

-- +goose Down
DROP TABLE user_mutes;
DROP TABLE blocks;
DROP TABLE messages;
DROP TABLE credits_transactions;
DROP FUNCTION credits_transactions_guard();
DROP TABLE profile_gallery;
DROP TABLE profiles;
