/* temp_folder: a temporary folder of a test and the files in it. */
#ifndef T_UNIT_TEMP_FOLDER_H
#define T_UNIT_TEMP_FOLDER_H

#include "unit.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>

#define TEMP_FOLDER_NAMES	16

static char temp_folder[] = "/tmp/unit-XXXXXX";
static char temp_folder_paths[TEMP_FOLDER_NAMES][64];

/* Creates the folder. Returns 0, or -1, for cmocka. */
static inline int
temp_folder_create(void)
{
	return mkdtemp(temp_folder) == NULL ? -1 : 0;
}

/* Returns the path of a file, which stays valid. */
static inline const char *
temp_folder_path(const char *name)
{
	char path[64];
	size_t i = 0;

	snprintf(path, sizeof(path), "%s/%.40s", temp_folder, name);
	while (temp_folder_paths[i][0] != '\0' &&
	    strcmp(temp_folder_paths[i], path) != 0)
		assert_true(++i < TEMP_FOLDER_NAMES);
	return memcpy(temp_folder_paths[i], path, sizeof(path));
}

/* Writes n bytes to a file with this mode and returns its path. */
static inline const char *
temp_folder_put(const char *name, const char *bytes, size_t n, mode_t mode)
{
	const char *path = temp_folder_path(name);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, mode), 0);
	return path;
}

/* Removes the folder and its files. Returns 0, or -1, for cmocka. */
static inline int
temp_folder_remove(void)
{
	DIR *folder = opendir(temp_folder);
	struct dirent *entry;

	assert_non_null(folder);
	while ((entry = readdir(folder)) != NULL)
		unlinkat(dirfd(folder), entry->d_name, 0);
	closedir(folder);
	return rmdir(temp_folder);
}

#endif
