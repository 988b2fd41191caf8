/** The program: finds the command, runs it, turns what it throws into a message and an exit status. */

import { setFlagsFromString } from 'node:v8';

import { AuditError, errnoOf, EXIT, type ExitCode } from '../core/errors.js';
import { displayMessage } from '../core/path.js';
import { VERSION } from '../version.js';
import type { CommandContext } from './define.js';

async function main(argv: readonly string[], context: CommandContext): Promise<ExitCode> {
  const [name, ...rest] = argv;
  if (name === '--version' || name === '-V') {
    context.stdout.write(`${VERSION}\n`);
    return EXIT.clean;
  }
  const { commands } = await import('./commands/index.js');
  const { commandHelp, parseInput, programHelp, unknownCommand } = await import('./parse.js');
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    const all = await Promise.all(Object.values(commands).map((load) => load()));
    context.stdout.write(programHelp(all));
    return name === undefined ? EXIT.usage : EXIT.clean;
  }
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (load === undefined) throw unknownCommand(name, Object.keys(commands));
  const command = await load();
  if (rest.includes('--help') || rest.includes('-h')) {
    context.stdout.write(commandHelp(command));
    return EXIT.clean;
  }
  return command.run(context, parseInput(command, rest));
}

function report(error: unknown, stderr: NodeJS.WriteStream): ExitCode {
  if (error instanceof AuditError) {
    // Messages quote words, file names and bytes of others: none may drive the terminal.
    stderr.write(`repro-audit: ${displayMessage(error.message)}\n`);
    if (error.hint !== undefined) stderr.write(`  hint: ${displayMessage(error.hint)}\n`);
    return error.exitCode;
  }
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
  stderr.write(
    `repro-audit ${VERSION}: internal error, please report it with this trace\n${trace}\n`,
  );
  return EXIT.internal;
}

/**
 * A reader that has seen enough (`| head`) ends the program quietly; output that is lost for another reason (a full
 * disk) is an error. Where stderr is lost nothing can be said, and the exit status stays what it is.
 */
function watchOutput({ stdout, stderr }: Pick<CommandContext, 'stdout' | 'stderr'>): void {
  stderr.on('error', () => {});
  stdout.on('error', (error) => {
    const errno = errnoOf(error) ?? 'unknown error';
    if (errno === 'EPIPE') process.exit(EXIT.clean);
    process.exit(report(new AuditError('OUTPUT_WRITE', `cannot write stdout: ${errno}`), stderr));
  });
}

// A snapshot takes a second or two and runs code for a hundred formats a little each: optimising that as eagerly as V8 does by
// default costs more than it saves. On a loaded machine the first snapshot of a Debian tree took 4.4 s of CPU with the default of
// 135,168, 4.2 with 250,000, 3.0 with a million, and 5.5 without any optimising. What runs for long is optimised all the same.
setFlagsFromString('--interrupt-budget=1000000');

const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (interrupt.signal.aborted) process.exit(EXIT.interrupted);
    // What `throwIfAborted` throws.
    interrupt.abort(new AuditError('INTERRUPTED', 'interrupted'));
  });
}
watchOutput(process);

const context: CommandContext = {
  env: process.env,
  cwd: process.cwd(),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  signal: interrupt.signal,
  now: () => new Date(),
};
try {
  process.exitCode = await main(process.argv.slice(2), context);
} catch (error) {
  process.exitCode = report(error, process.stderr);
}
