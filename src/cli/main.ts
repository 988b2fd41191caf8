/** The program: finds the command, runs it, turns what it throws into a message and an exit status. */

import { AuditError, EXIT, type ExitCode } from '../core/errors.js';
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
    stderr.write(`repro-audit: ${error.message}\n`);
    if (error.hint !== undefined) stderr.write(`  hint: ${error.hint}\n`);
    return error.exitCode;
  }
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
  stderr.write(
    `repro-audit ${VERSION}: internal error, please report it with this trace\n${trace}\n`,
  );
  return EXIT.internal;
}

/** A reader that has seen enough (`| head`) ends the program quietly. */
function endQuietlyOnBrokenPipe(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.clean);
    throw error;
  });
}

const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (interrupt.signal.aborted) process.exit(EXIT.interrupted);
    interrupt.abort();
  });
}
endQuietlyOnBrokenPipe(process.stdout);
endQuietlyOnBrokenPipe(process.stderr);

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
