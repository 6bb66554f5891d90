/*
 * terminal: prevents control characters in output to a terminal.
 *
 * Clients or the service user wrote much of the text that earmark prints, such
 * as names, reasons and messages. Escape sequences in it could make the
 * terminal of root run a command or show false text.
 */
#ifndef CMD_EARMARK_TERMINAL_H
#define CMD_EARMARK_TERMINAL_H

/*
 * Replaces stdout and stderr, if they are terminals, by streams that write '?'
 * for each control character except newline and tab. Output to files and pipes
 * is unchanged.
 */
void	terminal_protect(void);

#endif
