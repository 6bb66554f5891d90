-- Limits of one-time codes by network and account.

-- The attempts left are counted by identifier and network, in public_counter.
ALTER TABLE otp_request DROP COLUMN tries_left;

-- Keyed hash of the IPv6 /48 or the IPv4 /24 that a registration by SMS came
-- from; null: as otp.network.
ALTER TABLE otp ADD COLUMN site BLOB CHECK (length(site) = 32);
