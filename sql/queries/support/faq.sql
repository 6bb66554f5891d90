-- Frequently asked questions. :drafts is whether unpublished entries are
-- included.

-- name: faq_add
-- index: none: an insert
INSERT INTO faq(category, question, answer, position, published, created_at,
    updated_at)
VALUES (:category, :question, :answer, :position, :published, :now, :now);

-- name: faq_change
-- index: faq primary key
UPDATE faq SET category = :category, question = :question, answer = :answer,
    position = :position, published = :published, updated_at = :now
WHERE id = :id;

-- name: faq_remove
-- index: faq primary key
DELETE FROM faq WHERE id = :id;

-- name: faq_get
-- index: faq primary key
SELECT id, category, question, answer, position, published, created_at,
    updated_at
FROM faq WHERE id = :id;

-- The position of the last entry.
-- name: faq_last
-- index: faq_order
SELECT position FROM faq WHERE position >= 0
ORDER BY position DESC, id DESC LIMIT 1;

-- name: faq_list
-- index: faq_order
SELECT id, category, question, answer, position, published, created_at,
    updated_at
FROM faq INDEXED BY faq_order
WHERE (position, id) > (:position, :id) AND (:drafts OR published = 1)
ORDER BY position, id LIMIT :limit OFFSET :offset;

-- name: faq_list_category
-- index: faq_category
SELECT id, category, question, answer, position, published, created_at,
    updated_at
FROM faq INDEXED BY faq_category
WHERE category = :category AND (position, id) > (:position, :id)
    AND (:drafts OR published = 1)
ORDER BY position, id LIMIT :limit OFFSET :offset;

-- Few entries match, and they are sorted by their position.
-- name: faq_list_matching
-- index: faq_text (fts5), faq primary key
-- allow: sort
SELECT f.id, f.category, f.question, f.answer, f.position, f.published,
    f.created_at, f.updated_at
FROM faq_text AS x
CROSS JOIN faq AS f ON f.id = x.rowid
WHERE x.faq_text MATCH :match AND (f.position, f.id) > (:position, :id)
    AND (:drafts OR f.published = 1)
    AND (:category IS NULL OR f.category = :category)
ORDER BY f.position, f.id LIMIT :limit OFFSET :offset;

-- name: faq_count_matching
-- index: faq_text (fts5), faq primary key
SELECT count(*)
FROM faq_text AS x
CROSS JOIN faq AS f ON f.id = x.rowid
WHERE x.faq_text MATCH :match AND (:drafts OR f.published = 1)
    AND (:category IS NULL OR f.category = :category);

-- Administrators write the entries, so there are few.
-- name: faq_categories
-- index: faq_category
-- allow: scan sort
SELECT category, count(*) FROM faq INDEXED BY faq_category
WHERE :drafts OR published = 1
GROUP BY category ORDER BY min(position), category;

-- The state of an entry, as JSON for the audit.
-- name: faq_state
-- index: faq primary key
SELECT json_object('category', category, 'question', question,
    'answer', answer, 'position', position,
    'published', json(iif(published, 'true', 'false')))
FROM faq WHERE id = :id;
