-- Files of images without a row.

-- name: image_sweep_used
-- index: user_image and flyer_image
SELECT EXISTS (SELECT 1 FROM user AS u WHERE u.image = :name)
    OR EXISTS (SELECT 1 FROM flyer AS f WHERE f.image = :name);
