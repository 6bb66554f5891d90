#include "json/json_status.h"

#include "base/err.h"

#define DEEP 8

void
jout_facts(struct jout *j, const struct facts *facts)
{
	enum fact_kind open[DEEP];
	const struct fact *f;
	int depth = 0;

	jout_obj(j, NULL);
	for (f = facts->first; f != NULL; f = f->next) {
		switch (f->kind) {
		case FACT_NUMBER:
			jout_opt(j, f->name, f->number);
			break;
		case FACT_TEXT:
			jout_str(j, f->name, f->text);
			break;
		case FACT_TIME:
			jout_time(j, f->name, f->number);
			break;
		case FACT_TRUTH:
			jout_bool(j, f->name, f->number != 0);
			break;
		case FACT_OBJECT:
		case FACT_LIST:
			if (depth == DEEP)
				BUG("facts are too deep");
			open[depth++] = f->kind;
			if (f->kind == FACT_LIST)
				jout_arr(j, f->name);
			else
				jout_obj(j, f->name);
			break;
		case FACT_END:
			if (depth == 0)
				BUG("an end of facts that did not begin");
			if (open[--depth] == FACT_LIST)
				jout_arr_end(j);
			else
				jout_obj_end(j);
			break;
		}
	}
	jout_obj_end(j);
}
