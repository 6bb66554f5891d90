#include "dom/listener.h"

#include "base/clock.h"
#include "dom/lines.h"
#include "dom/presence.h"

/* What a call is expected to take by who had none in 30 days. */
#define CALL_USUAL	(10 * MINUTE)

int64_t
listener_rating(int64_t sum, int64_t n)
{
	return n > 0 ? (sum * 10 + n / 2) / n : 0;
}

int64_t
listener_wait(int64_t busy_since, int64_t mean_call_ms, int64_t now)
{
	int64_t left;

	if (busy_since == INT64_MIN)
		return INT64_MIN;
	left = mean_call_ms == INT64_MIN ? CALL_USUAL : mean_call_ms;
	left -= now - busy_since;
	return left <= MINUTE ? 1 : (left + MINUTE - 1) / MINUTE;
}

int
listener_card_row(struct stmt *q, int col, struct arena *arena, int64_t now,
    struct listener_card *card)
{
	struct presence p;
	int64_t mean;

	card->user_id = q_col_int(q, col);
	card->username = q_col_text(q, col + 1, arena);
	card->sex = q_col_text(q, col + 2, arena);
	card->bio = q_col_text(q, col + 3, arena);
	card->interests = lines_split(arena, q_col_peek(q, col + 4));
	card->image = q_col_text(q, col + 5, arena);
	card->preferred_language = q_col_text(q, col + 6, arena);
	card->country = q_col_text(q, col + 7, arena);
	card->rating = listener_rating(q_col_int(q, col + 8),
	    q_col_int(q, col + 9));
	mean = q_col_opt(q, col + 10);
	col = presence_row(q, col + 11, now, &p);
	card->is_online = p.is_online;
	card->is_busy = p.is_busy;
	card->is_available = p.is_online && !p.is_busy;
	card->last_seen = p.last_seen;
	card->wait_time = listener_wait(p.busy_since, mean, now);
	return col;
}
