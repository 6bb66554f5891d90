#!/bin/sh
# shellcheck disable=SC2154
test_description='each notification: channels, kind and data.type, by real events'
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=t/lib-auth.sh
. "$EM_SRC/t/lib-auth.sh"
# shellcheck source=t/lib-money.sh
. "$EM_SRC/t/lib-money.sh"
# shellcheck source=t/lib-pay.sh
. "$EM_SRC/t/lib-pay.sh"
em_conf limits.write_rate=0
em_conf billing.free_seconds=0
em_conf billing.max_rate=2000
em_start

# NAME TEMPLATE CHANNEL TYPE: what each user receives. The channel of a
# notification in the app is its kind, and it has no template. TYPE is the
# member type of data, followed by its kind for calls.
expected() {
	cat <<-END
	lis listener_verified email -
	lis listener_verified push listener.verified
	lis - messages listener.verified
	bob listener_rejected email -
	bob listener_rejected push listener.rejected
	bob - messages listener.rejected
	ana listener_available push listener.available
	ana - available listener.available
	lis call_incoming push call.incoming audio
	lis call_incoming push call.incoming video
	lis call_over push call.over
	lis call_missed push call.missed
	lis - calls call.missed
	ana topup_credited email -
	ana topup_credited push topup.credited
	ana - account topup.credited
	lis session_started push session.started audio
	lis - calls session.started audio
	ana - calls session.started audio
	ana low_balance push session.low_balance
	ana - account session.low_balance
	ana session_ended push session.ended audio
	ana - calls session.ended audio
	lis session_earned push session.ended audio
	lis - calls session.ended audio
	ana session_refund email -
	ana session_refund push refund
	ana refund email -
	ana refund push refund
	ana - account refund
	bob account_warning email -
	bob account_warning push account.warning
	bob - messages account.warning
	bob picture_removed email -
	bob picture_removed push picture.removed
	bob - messages picture.removed
	bob flyer_removed email -
	bob flyer_removed push flyer.removed
	bob - messages flyer.removed
	ana ticket_reply email -
	ana ticket_reply push ticket.reply
	ana - messages ticket.reply
	adm - messages ticket.said
	ana ticket_solved email -
	ana ticket_solved push ticket.solved
	ana - messages ticket.solved
	lis rate_above_maximum push rate.above_maximum
	lis - messages rate.above_maximum
	ana new_device email -
	ana new_device push account.new_device
	ana - account account.new_device
	ana refresh_reused email -
	ana refresh_reused push account.refresh_reused
	ana - account account.refresh_reused
	ana contact_undo sms -
	ana contact_changed push account.contact_changed
	ana - account account.contact_changed
	bob contact_changed email -
	bob contact_changed sms -
	bob contact_changed push account.contact_changed
	bob - account account.contact_changed
	ana notification email -
	ana notification sms -
	ana notification push page.opened
	ana - news page.opened
	END
}
# Texts of push messages that other templates send, or only the app shows.
texts='call_incoming_video session_running ticket_said'
# Templates that are sent to addresses only, without data. The tests of
# t/accounts have their names.
addresses='account_deleted contact_restored contact_taken contact_undo
identity_linked identity_unlinked mfa_disabled mfa_enabled otp_contact otp_continue otp_login
otp_register otp_reset password_changed register_taken'

# names: replaces recipients by the names of users.
names() {
	sed "s/^user:$ID_adm /adm /; s/^user:$ID_ana /ana /
	    s/^user:$ID_bob /bob /; s/^user:$ID_lis /lis /
	    s/^\([a-z]*\)\(.new\)\{0,1\}@example.org /\1 /
	    s/^+9198765002[0-9]* /ana /; s/^+9198765003[0-9]* /bob /"
}
# received: prints what all users received, as expected() does.
received() {
	delivered && jq -r "select(.template | startswith(\"otp_\") | not) |
	    [.to, .template, .channel, .data.type // \"-\",
	    if .channel == \"push\" then .data.kind else null end | values] |
	    join(\" \")" "$EM_STATE/outbox.jsonl" | names
	for user in adm ana bob lis; do
		em_login $user && as $user GET "/notifications?per_page=100" &&
		json -r ".notifications[] | [\"$user -\", .kind, .data.type,
		    .data.kind | values] | join(\" \")"
	done
}
decide() {
	api POST "/admin/$1" -t "$TOKEN_adm" "$2" && case $status in
	2*) ;; *) expect 200 ;; esac
}
# as NAME METHOD PATH [JSON]: a successful request of the user.
as() {
	as_token=$(token_of "$1") as_method=$2 as_path=$3
	shift 3
	api "$as_method" "$as_path" -t "$as_token" "$@" &&
	case $status in 2*) ;; *) expect 200 ;; esac
}

test_expect_success 'listeners: verified, rejected, available, rate above the maximum' '
	em_user adm admin && em_user ana && em_user bob && em_user lis &&
	em_device ana bob lis &&
	em_sql "UPDATE user SET email = username || \"@example.org\",
		email_ok = 1 WHERE id <> $ID_adm;
	    UPDATE user SET phone = \"+919876500201\", phone_ok = 1
		WHERE username = \"ana\";
	    UPDATE user SET phone = \"+919876500301\", phone_ok = 1
		WHERE username = \"bob\"" &&
	for name in ana bob lis; do
		as $name POST /notifications/devices \
		    "{\"token\":\"token-of-$name\",\"platform\":\"android\"}" ||
		    return 1
	done &&
	for name in lis bob; do
		as $name POST /listeners/register "{\"languages\":[\"en\"],
		    \"rate_per_minute\":600}" || return 1
	done && as lis PUT /listeners/profile \
	    "{\"rates\":{\"audio\":600,\"video\":700}}" && decide "listeners/$ID_lis/verify" "{}" &&
	decide "listeners/$ID_bob/reject" "{\"reason\":\"test\"}" &&
	as ana POST /customer/favorites "{\"listener_id\":$ID_lis}" &&
	as ana PUT "/customer/favorites/$ID_lis" \
	    "{\"notify_when_available\":true}" &&
	as lis POST /presence/update "{\"status\":\"online\"}" &&
	em_until "[ \"\$(em_sql \"SELECT count(*) FROM availability_alert_due\")\" = 0 ]" &&
	em_sql "UPDATE listener SET rate_video = 9000
	    WHERE user_id = $ID_lis" && em_jobs >jobs.out &&
	em_sql "UPDATE listener SET rate_video = 700 WHERE user_id = $ID_lis"
'

test_expect_success 'calls: ringing, stopping to ring, missed' '
	as lis POST /notifications/devices \
	    "{\"token\":\"token-of-lis\",\"platform\":\"android\"}" &&
	initiate "$TOKEN_ana" 5000 && first=$payment &&
	em_cli pay simulate "$first" >out &&
	for kind in audio video; do
		as ana POST /call/start \
		    "{\"callee_id\":$ID_lis,\"kind\":\"$kind\"}" &&
		as ana POST /call/cancel "{\"call_id\":$(json .call_id)}" ||
		    return 1
	done
'

test_expect_success 'money: top-up, session, low balance, refunds' '
	start ana lis && delivered && later 470 && ago 61 && end ana && end lis &&
	decide "sessions/$s/refund" "{\"amount\":500,\"reason\":\"test\"}" &&
	decide "payments/$first/refund" "{\"amount\":700,\"reason\":\"test\"}" &&
	sound
'

test_expect_success 'support: warning, reply, customer reply, solved' '
	as ana POST /support/reports \
	    "{\"user_id\":$ID_bob,\"reason\":\"spam\"}" &&
	decide "reports/$(json .report_id)/decide" \
	    "{\"action\":\"warn\",\"note\":\"Please be polite.\"}" &&
	em_sql "UPDATE user SET image = \"0123-0.jpg\" WHERE id = $ID_bob" &&
	as adm DELETE "/admin/users/$ID_bob/image" "{\"reason\":\"Rude\"}" &&
	as bob POST /api/flyers "{\"title\":\"Party\"}" &&
	as adm DELETE "/api/flyers/$(json .id)" &&
	as ana POST /support/ticket "{\"subject\":\"Twice\",\"body\":\"b\"}" &&
	ticket=$(json .id) &&
	decide "tickets/$ticket/replies" "{\"body\":\"We look into it.\"}" &&
	as ana POST "/support/tickets/$ticket/replies" "{\"body\":\"Thanks\"}" &&
	as adm PUT "/admin/tickets/$ticket" "{\"status\":\"solved\"}"
'

test_expect_success 'accounts: new device, contact changed by the user and the operator' '
	api POST /auth/login -H "User-Agent: Phone/2" \
	    "{\"identifier\":\"ana\",\"password\":\"$EM_PASSWORD\"}" &&
	expect 200 && TOKEN_ana=$(json .access_token) &&
	as ana POST /user/phone "{\"phone\":\"+919876500202\"}" &&
	as ana POST /user/phone/verify \
	    "{\"code\":\"$(code_of +919876500202)\"}" &&
	em_cli user set-email bob bob.new@example.org >out &&
	em_cli user set-phone bob +919876500302 >out
'

test_expect_success 'accounts: a refresh token is used twice' '
	exchange() {
		api POST /auth/refresh-token "{\"refresh_token\":\"$1\"}"
	} &&
	api POST /auth/login -H "User-Agent: Phone/2" \
	    "{\"identifier\":\"ana\",\"password\":\"$EM_PASSWORD\"}" &&
	expect 200 && first=$(json .refresh_token) && exchange "$first" &&
	expect 200 && exchange "$(json .refresh_token)" && expect 200 &&
	exchange "$first" && expect 401 refresh_reused
'

test_expect_success 'other backends: all channels' '
	shop=$(em_cli token add shop) &&
	api POST /notifications/send -t "$shop" "{\"user_id\":$ID_ana,
	    \"title\":\"t\",\"body\":\"b\",\"kind\":\"news\",
	    \"channels\":[\"in_app\",\"push\",\"sms\",\"email\"],
	    \"data\":{\"type\":\"page.opened\"}}" && expect 202
'

test_expect_success 'users receive exactly these messages' '
	received | sort -u >got && expected | sort >want && test_cmp want got
'

test_expect_success 'each template, and each documented type, is tested' '
	{ expected | sed "s/^[^ ]* \([^ ]*\) \([^ ]*\) .*/\1.\2/; /^-/d" &&
	printf "%s.push\n" $texts; } >sent &&
	for file in "$EM_SRC"/templates/en/*; do
		name=${file##*/} type=${name%.*}
		grep -qx "$name" sent && continue
		case "$name $(echo $addresses) " in
		*.push\ *) false ;;
		*" $type "*) ;;
		*) false ;;
		esac && grep -q "$type" "$EM_SRC"/t/accounts/*.t ||
		    { note "not tested: $name"; return 1; }
	done &&
	sed -n "/^tells what happened/,/^.El/s/^.It //p" \
	    "$EM_SRC/man/earmark-api.7" | sed "s/ , /\n/g" | sort >documented &&
	expected | sed -n "s/.* - [a-z]* \([a-z_.]*\).*/\1/p" |
	    grep -vx page.opened | sort -u >types && test_cmp documented types
'

test_done
