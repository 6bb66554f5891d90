-- Limits of one-time codes by network and account.

-- The attempts left are counted by identifier and network, in public_counter.
ALTER TABLE otp_request DROP COLUMN tries_left;
