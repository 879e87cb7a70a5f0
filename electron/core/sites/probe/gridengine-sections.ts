import type { Section } from '../remote/sections.ts';

/** What is asked of a Grid Engine. Other schedulers have a qsub and a qstat too, but no qconf. `use`: sets PATH, variables and `b`, which bounds a command. */
export function gridEngineSections(use: string): readonly Section[] {
  const ask = (name: string, commands: string): Section => ({
    name: `gridengine ${name}`,
    commands: `${use}command -v qsub >/dev/null && command -v qconf >/dev/null || exit 1
SGE_SINGLE_LINE=1; export SGE_SINGLE_LINE
${commands}`,
  });
  return [
    // Programs that are installed and know no master are not one; a master that does not answer is.
    ask(
      'version',
      `e=$(b 20 qconf -sconf 2>&1 >/dev/null) || case $e in
  *'commlib error'* | *'unable to contact qmaster'* | *'unable to send message'* | *denied*) ;;
  *) exit 1 ;;
esac
b 20 qstat -help 2>&1 | head -n 1`,
    ),
    ask('config', 'b 20 qconf -sconf'),
    ask('complexes', 'b 20 qconf -sc'),
    ask('queues', `b 20 qconf -sq '*' | grep -E '^(qname|qtype|pe_list|h_rt) '`),
    ask(
      'environments',
      `for p in $(b 20 qconf -spl); do b 10 qconf -sp "$p"; done | grep -E '^(pe_name|slots|allocation_rule) '`,
    ),
    ask('hosts', 'b 30 qhost -q -xml'),
    ask('mine', 'b 20 qselect -U "$(id -un)"'),
    ask('projects', 'b 10 qconf -sprjl'),
  ];
}
