/*
 * temp_file: a file without a name, which disappears when it is closed.
 */
#ifndef BASE_TEMP_FILE_H
#define BASE_TEMP_FILE_H

/*
 * Opens an empty file in a folder for reading and writing. The folder is created
 * if its parent exists. Returns the descriptor, close-on-exec, or -1 with errno.
 */
int	temp_file_open(const char *dir);

#endif
