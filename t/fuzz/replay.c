/*
 * replay: runs a fuzz target on its corpus without a fuzzer. The name of the
 * program selects the corpus (json_validate.t uses
 * t/fuzz/corpus/json_validate). Arguments name other folders.
 */
#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#include "fuzz.h"

/* Runs the target on a file, in memory of exactly its size. */
static void
replay_file(const char *path)
{
	FILE *in = fopen(path, "rb");
	struct stat st;
	uint8_t *data;
	size_t n;

	if (in == NULL || fstat(fileno(in), &st) != 0)
		BUG("%s: %s", path, strerror(errno));
	n = (size_t)st.st_size;
	data = malloc(n > 0 ? n : 1);
	if (data == NULL || fread(data, 1, n, in) != n)
		BUG("%s cannot be read", path);
	fclose(in);
	LLVMFuzzerTestOneInput(data, n);
	free(data);
}

static int
replay(const char *dir)
{
	char path[4096];
	struct dirent *e;
	DIR *d = opendir(dir);
	int count = 0;

	if (d == NULL) {
		printf("not ok - %s: %s\n", dir, strerror(errno));
		return 0;
	}
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		replay_file(path);
		count++;
	}
	closedir(d);
	printf("%sok - %d inputs of %s\n", count > 0 ? "" : "not ", count, dir);
	return count;
}

int
main(int argc, char **argv)
{
	const char *src = getenv("EARMARK_SRC"), *name;
	char dir[4096];
	int i, bad = 0;

	name = strrchr(argv[0], '/');
	name = name == NULL ? argv[0] : name + 1;
	if (argc < 2) {
		snprintf(dir, sizeof(dir), "%s/t/fuzz/corpus/%.*s",
		    src == NULL ? "." : src, (int)strcspn(name, "."), name);
		printf("1..1\n");
		return replay(dir) == 0;
	}
	printf("1..%d\n", argc - 1);
	for (i = 1; i < argc; i++)
		bad += replay(argv[i]) == 0;
	return bad > 0;
}
