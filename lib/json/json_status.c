#include "json/json_status.h"

#include "base/err.h"

#define DEEP 8

void
json_status_write(struct json_write *j, const struct status_tree *facts)
{
	enum status_node_kind open[DEEP];
	const struct status_node *f;
	int depth = 0;

	json_write_obj(j, NULL);
	for (f = facts->first; f != NULL; f = f->next) {
		switch (f->kind) {
		case STATUS_TREE_NUMBER:
			json_write_opt(j, f->name, f->number);
			break;
		case STATUS_TREE_TEXT:
			json_write_str(j, f->name, f->text);
			break;
		case STATUS_TREE_TIME:
			json_write_time(j, f->name, f->number);
			break;
		case STATUS_TREE_TRUTH:
			json_write_bool(j, f->name, f->number != 0);
			break;
		case STATUS_TREE_OBJECT:
		case STATUS_TREE_LIST:
			if (depth == DEEP)
				BUG("the status tree is too deep");
			open[depth++] = f->kind;
			if (f->kind == STATUS_TREE_LIST)
				json_write_arr(j, f->name);
			else
				json_write_obj(j, f->name);
			break;
		case STATUS_TREE_END:
			if (depth == 0)
				BUG("an end without a begin");
			if (open[--depth] == STATUS_TREE_LIST)
				json_write_arr_end(j);
			else
				json_write_obj_end(j);
			break;
		}
	}
	json_write_obj_end(j);
}
