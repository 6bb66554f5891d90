/*
 * terminal: output on a terminal without control characters.
 *
 * Much of what earmark prints (names, reasons, messages) was written by clients
 * or by the service user. An escape sequence in it could make the terminal of
 * root run a command or show something else.
 */
#ifndef CMD_EARMARK_TERMINAL_H
#define CMD_EARMARK_TERMINAL_H

/*
 * Replaces stdout and stderr, each if it is a terminal, by a stream that writes
 * '?' for each control character except newline and tab. Files and pipes get
 * the bytes as they are.
 */
void	terminal_protect(void);

#endif
