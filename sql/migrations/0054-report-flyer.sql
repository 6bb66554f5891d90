-- A report can name a flyer. There are no new integer codes.
--
-- flyer_id is null, or a flyer of the reported user. It has no foreign key,
-- because a report keeps the id of a deleted flyer. Ids are not reused.

ALTER TABLE report ADD COLUMN flyer_id INTEGER;
