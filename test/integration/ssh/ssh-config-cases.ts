/** SSH configurations, and the host that is asked for. Files beside the main one are named by `files`; `~` is the home folder of the test. */
export interface ConfigCase {
  readonly title: string;
  readonly config: string;
  /** `[user@]host[:port]` for a typed address; anything else is an alias. */
  readonly ask?: string;
  readonly files?: Readonly<Record<string, string>>;
  /** What the way without an `ssh` program leaves out: nothing from a configuration is run, a negated `Match` never matches. */
  readonly reduced?: 'exec' | 'negation';
}

const c = (title: string, config: string, more: Partial<ConfigCase> = {}): ConfigCase => ({ title, config, ...more });

export const CONFIG_CASES: readonly ConfigCase[] = [
  c('nothing', ''),
  c('a host block', 'Host hpc\n  HostName login.example.org\n  User ada\n  Port 2222\n'),
  c('a block of another host', 'Host other\n  HostName login.example.org\n'),
  c('equals signs', 'Host=hpc\n  HostName=login.example.org\n  Port = 2222\n'),
  c('tabs and trailing blanks', 'Host\thpc\n\tHostName\tlogin.example.org  \n\tUser\tada\t\n'),
  c('line ends of Windows', 'Host hpc\r\n  HostName login.example.org\r\n  User ada\r\n'),
  c('keywords in any case', 'HOST hpc\n  hostNAME login.example.org\n  uSeR ada\n'),
  c('quoted values', 'Host "hpc"\n  HostName "login.example.org"\n  User "ada"\n'),
  c('comments', '# a\nHost hpc\n  # b\n  User ada\n\n#Host hpc\n#  Port 1\n'),
  c('the first value counts', 'Host hpc\n  User ada\nHost hpc\n  User bob\n  Port 2200\n'),
  c('defaults after it', 'Host hpc\n  User ada\nHost *\n  User everyone\n  Port 2201\n'),
  c('defaults before it win', 'Host *\n  User everyone\nHost hpc\n  User ada\n'),
  c('options before any block', 'User early\nPort 2022\nHost hpc\n  User ada\n'),
  c('several names', 'Host a b hpc c\n  User ada\n'),
  c('a pattern with a star', 'Host h*\n  User ada\n'),
  c('a pattern with question marks', 'Host h?c\n  User ada\n'),
  c('a negated pattern', 'Host h* !hpc\n  User ada\nHost *\n  User other\n'),
  c('only a negated pattern', 'Host !other\n  User ada\n'),
  c('a star in the middle', 'Host login*.org\n  User ada\n', { ask: 'login7.example.org' }),
  c(
    'patterns look at the name as typed',
    'Host hpc\n  HostName login.example.org\nHost login.example.org\n  User ada\n',
  ),
  c('case of names', 'Host HPC\n  User ada\n', { ask: 'HPC' }),
  c('the token %h in HostName', 'Host hpc\n  HostName %h.example.org\n'),
  c('two percent signs', 'Host hpc\n  HostName a%%b\n'),
  c('a typed user wins', 'Host hpc\n  User ada\n', { ask: 'bob@hpc' }),
  c('a typed port wins', 'Host hpc\n  Port 2222\n', { ask: 'hpc:2020' }),
  c('a key', 'Host hpc\n  IdentityFile ~/.ssh/one\n'),
  c('several keys', 'Host hpc\n  IdentityFile ~/.ssh/one\n  IdentityFile ~/.ssh/two\n'),
  c('keys of several blocks add up', 'Host hpc\n  IdentityFile ~/.ssh/one\nHost *\n  IdentityFile ~/.ssh/two\n'),
  c('a key with tokens', 'Host hpc\n  User ada\n  HostName login\n  IdentityFile ~/.ssh/%r_%h_%p\n'),
  c('a key with a blank in its name', 'Host hpc\n  IdentityFile "~/.ssh/my key"\n'),
  c('only these keys', 'Host hpc\n  IdentityFile ~/.ssh/one\n  IdentitiesOnly yes\n'),
  c('a certificate', 'Host hpc\n  IdentityFile ~/.ssh/one\n  CertificateFile ~/.ssh/one-cert.pub\n'),
  c('no agent', 'Host hpc\n  IdentityAgent none\n'),
  c('another agent', 'Host hpc\n  IdentityAgent ~/.ssh/agent.sock\n'),
  c('the agent of a variable', 'Host hpc\n  IdentityAgent $MY_AGENT\n'),
  c('ways to sign in', 'Host hpc\n  PreferredAuthentications keyboard-interactive,publickey\n'),
  c('strict host keys', 'Host hpc\n  StrictHostKeyChecking yes\n'),
  c('new host keys are taken', 'Host hpc\n  StrictHostKeyChecking accept-new\n'),
  c('any host key', 'Host hpc\n  StrictHostKeyChecking no\n'),
  c('other known hosts', 'Host hpc\n  UserKnownHostsFile ~/.ssh/one ~/.ssh/two\n'),
  c('no known hosts', 'Host hpc\n  UserKnownHostsFile /dev/null\n  GlobalKnownHostsFile /dev/null\n'),
  c('an alias for the key', 'Host hpc\n  HostKeyAlias cluster\n'),
  c('a time limit', 'Host hpc\n  ConnectTimeout 7\n'),
  c('a jump host', 'Host hpc\n  ProxyJump gate\nHost gate\n  HostName gate.example.org\n  User g\n  Port 2022\n'),
  c('a chain of jumps', 'Host hpc\n  ProxyJump one,bob@two:2200\nHost one\n  User first\n'),
  c('a jump of a jump', 'Host hpc\n  ProxyJump two\nHost two\n  ProxyJump one\nHost one\n  Port 2023\n'),
  c('a jump as an address', 'Host hpc\n  ProxyJump ssh://ada@gate.example.org:2024\n'),
  c('no jump', 'Host hpc\n  ProxyJump none\nHost *\n  ProxyJump gate\n'),
  c('a proxy command', 'Host hpc\n  ProxyCommand nc %h %p\n'),
  c('no proxy command', 'Host hpc\n  ProxyCommand none\nHost *\n  ProxyCommand nc %h %p\n'),
  c('a file included', 'Include ~/.ssh/more\n', { files: { '.ssh/more': 'Host hpc\n  User ada\n' } }),
  c('files included by a pattern', 'Include ~/.ssh/conf.d/*.conf\n', {
    files: { '.ssh/conf.d/20.conf': 'Host hpc\n  User second\n', '.ssh/conf.d/10.conf': 'Host hpc\n  User first\n' },
  }),
  c('files included with a home', 'Include ~/work/ssh\n', { files: { 'work/ssh': 'Host hpc\n  Port 2025\n' } }),
  c('two files of one line', 'Include ~/.ssh/a ~/.ssh/b\n', {
    files: { '.ssh/a': 'Host hpc\n  User ada\n', '.ssh/b': 'Host hpc\n  User bob\n  Port 2026\n' },
  }),
  c('a file that includes', 'Include ~/.ssh/a\n', {
    files: { '.ssh/a': 'Include ~/.ssh/b\n', '.ssh/b': 'Host hpc\n  User deep\n' },
  }),
  c('a file that is not there', 'Include ~/.ssh/nowhere\nHost hpc\n  User ada\n'),
  c('what is included in a block that matches', 'Host hpc\n  Include ~/.ssh/a\n  Port 2027\n', {
    files: { '.ssh/a': 'User ada\n' },
  }),
  c('what is included in a block that does not', 'Host other\n  Include ~/.ssh/a\nHost hpc\n  Port 2028\n', {
    files: { '.ssh/a': 'User ada\n' },
  }),
  c(
    'blocks in what is included in a block that does not match',
    'Host other\n  Include ~/.ssh/a\n  Port 1\nHost hpc\n  Port 2029\n',
    {
      files: { '.ssh/a': 'Host hpc\n  User ada\n' },
    },
  ),
  c('blocks end with the included file', 'Include ~/.ssh/a\nPort 2030\n', {
    files: { '.ssh/a': 'Host other\n  User ada\n' },
  }),
  c('match host', 'Match host hpc\n  User ada\n'),
  c(
    'match host looks at HostName',
    'Host hpc\n  HostName login.example.org\nMatch host login.example.org\n  User ada\n',
  ),
  c('match originalhost', 'Host hpc\n  HostName login\nMatch originalhost hpc\n  User ada\n'),
  c('match user', 'Host hpc\n  User ada\nMatch user ada\n  Port 2031\n'),
  c(
    'match host and user',
    'Host hpc\n  User ada\nMatch host hpc user bob\n  Port 1\nMatch host hpc user ada\n  Port 2032\n',
  ),
  c('match all', 'Match all\n  User ada\n'),
  c('match with a negation', 'Match !host other\n  User ada\n', { reduced: 'negation' }),
  c('match exec', 'Match host hpc exec "true"\n  User ada\n', { reduced: 'exec' }),
  c('match exec that fails', 'Match host hpc exec "false"\n  User ada\n'),
  c('unknown options are passed over', 'IgnoreUnknown UseKeychain\nHost hpc\n  UseKeychain yes\n  User ada\n'),
];
