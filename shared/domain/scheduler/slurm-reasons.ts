/** Slurm's reasons why a job waits (squeue(1), JOB REASON CODES), as sentences. */
const REASONS: Readonly<Record<string, string>> = {
  None: 'The scheduler has not looked at it yet.',
  Priority: 'Jobs with a higher priority come first.',
  Resources: 'Next in line: enough nodes, cores or memory must become free first.',
  Dependency: 'Another job must end first.',
  DependencyNeverSatisfied: 'The job that must end first ended in a way that never lets this one start.',
  JobHeldUser: 'Held by its owner.',
  JobHeldAdmin: 'Held by an administrator.',
  JobHoldMaxRequeue: 'Held, for it was restarted too often.',
  JobArrayTaskLimit: 'As many runs go at once as the job has slots.',
  BeginTime: 'The earliest start time has not come.',
  Licenses: 'A licence must become free.',
  NodeDown: 'A node that is needed is down.',
  ReqNodeNotAvail: 'A node that is needed is down, in maintenance or reserved.',
  Reservation: 'The reservation has not begun.',
  PartitionDown: 'The partition is down.',
  PartitionInactive: 'The partition does not start jobs at the moment.',
  PartitionNodeLimit: 'More nodes are asked for than the partition allows.',
  PartitionTimeLimit: 'More time is asked for than the partition allows.',
  InactiveLimit: 'The system does not start jobs at the moment.',
  SystemFailure: 'Slurm had a failure of its own.',
  Cleaning: 'What is left of the last attempt is being tidied up.',
  Prolog: 'The node is being prepared.',
  BadConstraints: 'No node fulfils what is asked for.',
  InvalidAccount: 'The account is not valid.',
  InvalidQOS: 'The quality of service is not valid.',
  QOSJobLimit: 'Your quality of service has as many jobs as it may have.',
  QOSResourceLimit: 'Your quality of service has used up its share.',
  QOSTimeLimit: 'Your quality of service has used up its time.',
  AssociationJobLimit: 'Your account has as many jobs as it may have.',
  AssociationResourceLimit: 'Your account has used up its share.',
  AssociationTimeLimit: 'Your account has used up its time.',
  MaxJobsPerUser: 'You have as many jobs as you may have.',
  MaxMemPerLimit: 'More memory is asked for than is allowed.',
  FrontEndDown: 'No front-end node is available.',
  RaisedSignal: 'A signal is being sent.',
  NonZeroExitCode: 'The last attempt ended with an exit code other than 0.',
  launch_failed_requeued_held: 'Held, for it could not be launched.',
};

/** The reason as a sentence for people; a word that is not known is shown as it is. */
export function slurmReasonInWords(reason: string): string {
  const word = reason.trim().replace(/^\(|\)$/g, '');
  if (word === '') return 'The scheduler gives no reason.';
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
  return `The scheduler says: ${word}.`;
}
