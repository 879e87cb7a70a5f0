/** Slurm's reasons why a job waits (squeue(1), JOB REASON CODES), as sentences. */
const REASONS: Readonly<Record<string, string>> = {
  None: 'It is about to be scheduled.',
  Priority: 'Jobs with a higher priority come first.',
  Resources: 'It is next, and waits for enough free nodes, cores or memory.',
  Dependency: 'It waits for another job to end.',
  DependencyNeverSatisfied: 'The job that it depends on ended in a way that will never let it start.',
  JobHeldUser: 'It is held by its owner.',
  JobHeldAdmin: 'It is held by an administrator.',
  JobHoldMaxRequeue: 'It was restarted too often and is held now.',
  JobArrayTaskLimit: 'As many of its runs go at once as the job has slots.',
  BeginTime: 'Its earliest start time has not come.',
  Licenses: 'It waits for a licence.',
  NodeDown: 'A node that it needs is down.',
  ReqNodeNotAvail: 'A node that it needs is down, in maintenance or reserved.',
  Reservation: 'It waits for its reservation to begin.',
  PartitionDown: 'The partition is down.',
  PartitionInactive: 'The partition does not start jobs at the moment.',
  PartitionNodeLimit: 'It asks for more nodes than the partition allows.',
  PartitionTimeLimit: 'It asks for more time than the partition allows.',
  InactiveLimit: 'The system does not start jobs at the moment.',
  SystemFailure: 'Slurm had a failure of its own.',
  Cleaning: 'It is being tidied up before it starts anew.',
  Prolog: 'Its node is being prepared.',
  BadConstraints: 'No node fulfils what it asks for.',
  InvalidAccount: 'The account is not valid.',
  InvalidQOS: 'The quality of service is not valid.',
  QOSJobLimit: 'Your quality of service has as many jobs as it may have.',
  QOSResourceLimit: 'Your quality of service has used up its share.',
  QOSTimeLimit: 'Your quality of service has used up its time.',
  AssociationJobLimit: 'Your account has as many jobs as it may have.',
  AssociationResourceLimit: 'Your account has used up its share.',
  AssociationTimeLimit: 'Your account has used up its time.',
  MaxJobsPerUser: 'You have as many jobs as you may have.',
  MaxMemPerLimit: 'It asks for more memory than is allowed.',
  FrontEndDown: 'No front-end node is available.',
  RaisedSignal: 'It is being signalled.',
  NonZeroExitCode: 'It ended with an exit code other than 0.',
  launch_failed_requeued_held: 'It could not be launched, and is held now.',
};

/** The reason as a sentence for people; a word that is not known is shown as it is. */
export function slurmReasonInWords(reason: string): string {
  const word = reason.trim().replace(/^\(|\)$/g, '');
  if (word === '') return 'It waits for its turn.';
  const first = word.split(/[,\s(]/, 1)[0]!;
  if (Object.hasOwn(REASONS, first)) return REASONS[first]!;
  const what = /^(QOS|Assoc)(Max|Grp|Min)(\w+)$/.exec(word);
  if (what !== null) {
    const owner = what[1] === 'QOS' ? 'your quality of service' : 'your account';
    const thing = what[3]!
      .replace(/(Limit|PerUser|PerJob|PerAccount|PerNode|Per\w+)/g, '')
      .replace(/([a-z])([A-Z])/g, '$1 $2')
      .toLowerCase();
    return `A limit of ${owner} is reached (${thing.trim() || word}).`;
  }
  return `It waits: ${word}.`;
}
