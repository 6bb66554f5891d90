#!/bin/sh
test_description='DELETE /admin/users/{id}/image: moderation of profile pictures'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-money.sh
. "$EM_SRC/t/lib-money.sh"
em_start

picture=$EM_SRC/sql/demo/pictures/anna_w.jpg
# put NAME: the user uploads a picture. $path is its URL.
put() {
	api PUT /user/profile/image -t "$(token_of "$1")" \
	    -H "Content-Type: image/jpeg" "@$picture" && expect 200 &&
	api GET /user/profile -t "$(token_of "$1")" &&
	path=$(json ".profile_image_url[\"$URL\" | length:]")
}
drop() {
	api DELETE "/admin/users/$1/image" -t "$(token_of "$2")" "$3"
}
images() {
	em_sql "SELECT count(*) FROM user WHERE image IS NOT NULL"
}
audits() {
	em_sql "SELECT count(*) FROM audit WHERE action = 'user.remove_image'"
}

test_expect_success 'a moderator removes a picture and its files' '
	em_user adm admin && em_user mod moderator && em_user mel moderator &&
	em_user sue support && em_user fay finance && em_user ana &&
	put ana && api GET "$path" && expect 200 &&
	drop "$ID_ana" mod "{\"reason\":\" It shows a child. \"}" && expect 204 &&
	api GET /user/profile -t "$TOKEN_ana" && check_json "
	    .profile_image_url == null and .profile_image_thumb_url == null" &&
	em_until "test -z \"\$(ls \"$EM_STATE/media\")\"" &&
	api GET "$path" && expect 404
'

test_expect_success 'the removal is audited with the reason' '
	api GET "/admin/audit?target=user:$ID_ana" -t "$TOKEN_adm" &&
	check_json ".total_count == 2 and (.audit[0] |
	    .action == \"user.remove_image\" and .actor_id == $ID_mod and
	    (.before.image | length) > 30 and .after ==
	    {\"image\": null, \"reason\": \"It shows a child.\"})"
'

test_expect_success 'the user is notified of the reason and uploads another picture' '
	api GET /notifications -t "$TOKEN_ana" && check_json "
	    .total_count == 1 and (.notifications[0] |
	    .data.type == \"picture.removed\" and
	    .title == \"Your picture was removed\" and .body ==
	    \"It shows a child.\nYou can upload another picture.\" and
	    (tostring | contains(\"mod\") | not))" && put ana && is 1 "$(images)"
'

test_expect_success 'a removal without a picture changes nothing' '
	drop "$ID_ana" adm && expect 204 && n=$(audits) &&
	drop "$ID_ana" adm && expect 204 && is "$n" "$(audits)" &&
	api GET /notifications -t "$TOKEN_ana" && check_json ".total_count == 2 and
	    .notifications[0].body == \"You can upload another picture.\""
'

test_expect_success 'rejected removals keep the picture' '
	put ana && put mel && put adm && n=$(audits) &&
	for who in sue fay ana; do
		drop "$ID_mel" $who && expect 403 || return 1
	done &&
	drop "$ID_mel" mod && expect 403 staff_protected &&
	drop "$ID_adm" mod && expect 403 staff_protected &&
	drop 999999 mod && expect 404 &&
	drop "$ID_ana" mod "{\"reason\":5}" && expect 400 validation_failed &&
	drop "$ID_ana" mod "{\"reason\":\"$(printf %501s | tr " " x)\"}" &&
	expect 400 validation_failed &&
	api DELETE "/admin/users/$ID_ana/image" && expect 401 &&
	is 3 "$(images)" && is "$n" "$(audits)" &&
	drop "$ID_mel" adm && expect 204 && is 2 "$(images)"
'

test_expect_success 'reports show the picture of the reported user' '
	api POST /support/reports -t "$TOKEN_sue" "{\"user_id\":$ID_ana,
	    \"reason\":\"picture\"}" && expect 201 && r=$(json .report_id) &&
	api GET "/admin/reports/$r" -t "$TOKEN_mod" &&
	check_json "(.profile_image_url | startswith(\"$URL/media/\")) and
	    (.profile_image_thumb_url | startswith(\"$URL/media/\"))" &&
	drop "$ID_ana" mod && expect 204 &&
	api GET "/admin/reports/$r" -t "$TOKEN_mod" &&
	check_json ".profile_image_url == null and .status == \"open\""
'

test_done
