#include "base/str.h"
#include "fcgi/core/cache.h"

struct slot {
	char etag[24];			/* "" : slot is free */
	uint64_t asked;			/* hash of the last request */
	int64_t user;
	size_t key, link, body;		/* lengths; link 0: no link */
	char *text;			/* path, '?', query; link; body */
};

static struct slot slots[CACHE_SLOTS];
static size_t bytes;

static size_t
key_len(const struct req *req)
{
	return strlen(req->path) + 1 + strlen(req->query_text);
}

static struct slot *
slot_of(uint64_t hash)
{
	return &slots[(hash ^ hash >> 32) % CACHE_SLOTS];
}

static bool
same_key(const struct slot *s, const struct req *req)
{
	size_t path = strlen(req->path);

	return s->user == req->actor.user && s->key == key_len(req) &&
	    memcmp(s->text, req->path, path) == 0 && s->text[path] == '?' &&
	    memcmp(s->text + path + 1, req->query_text, s->key - path - 1) ==
	    0;
}

bool
cache_get(struct req *req)
{
	const struct slot *s = slot_of(req->page_hash);

	if (!str_eq(s->etag, req->etag) || !same_key(s, req))
		return false;
	buf_clear(req->out);
	buf_add(req->out, s->text + s->key + s->link, s->body);
	if (s->link > 0)
		req->link_next = arena_strn(&req->arena, s->text + s->key,
		    s->link);
	return true;
}

static void
remove_slot(struct slot *s)
{
	bytes -= s->key + s->link + s->body;
	free(s->text);
	*s = (struct slot){ .asked = s->asked };
}

void
cache_put(const struct req *req)
{
	struct slot *s = slot_of(req->page_hash);
	size_t key = key_len(req), path = strlen(req->path), all;
	size_t link = req->link_next == NULL ? 0 : strlen(req->link_next);

	if (req->out->len > CACHE_BODY || req->out->full ||
	    req->content_type_out != NULL)
		return;
	/* Of many users, most do not request the same page again soon. */
	if (s->asked != req->page_hash) {
		s->asked = req->page_hash;
		return;
	}
	if (s->etag[0] != '\0')
		remove_slot(s);
	all = key + link + req->out->len;
	if (bytes + all > CACHE_BYTES)
		return;
	s->text = malloc(all + 1);
	if (s->text == NULL)
		return;
	memcpy(s->text, req->path, path);
	s->text[path] = '?';
	memcpy(s->text + path + 1, req->query_text, key - path - 1);
	if (link > 0)
		memcpy(s->text + key, req->link_next, link);
	memcpy(s->text + key + link, req->out->data, req->out->len);
	memcpy(s->etag, req->etag, sizeof(s->etag));
	s->user = req->actor.user;
	s->key = key;
	s->link = link;
	s->body = req->out->len;
	bytes += all;
}
