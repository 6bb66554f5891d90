#include "fcgi/routes/calls/tariff_json.h"

#include "base/clock.h"

void
tariff_json_write(struct req *req, const struct session_offer *o)
{
	struct json_write *j = &req->j;

	json_write_obj(j, "tariff");
	json_write_int(j, "rate_per_minute", o->tariff.rate);
	json_write_str(j, "currency", req->conf->currency);
	json_write_str(j, "unit", o->tariff.per_second ? "second" : "minute");
	json_write_int(j, "free_seconds", o->tariff.free_ms / SECOND);
	json_write_int(j, "free_minutes", o->free_minutes);
	json_write_int(j, "max_seconds", o->max_ms / SECOND);
	json_write_obj_end(j);
}
