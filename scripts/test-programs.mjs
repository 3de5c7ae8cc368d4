/** System programs that some suites need, and what to say when one is missing. */
export const INSTALL = {
  chromium: 'apt-get install chromium',
  prometheus: 'apt-get install prometheus',
  node24: 'npm run setup:generation-5',
  rabbitmq: 'apt-get install --no-install-recommends rabbitmq-server',
  script: 'apt-get install bsdutils',
  tshark: 'apt-get install --no-install-recommends tshark',
  netns: 'apt-get install iproute2 nftables; needs root or user namespaces',
};

/** One line for each missing program. `lines` are those that test/support/requirements.ts wrote. */
export function missingPrograms(lines) {
  const missing = lines.map((line) => JSON.parse(line));
  return Object.entries(INSTALL).flatMap(([program, remedy]) => {
    const suites = new Set(missing.filter((entry) => entry.program === program).map(({ suite }) => suite));
    return suites.size > 0 ? [`skipped because ${program} is missing (${remedy}): ${[...suites].join('; ')}`] : [];
  });
}
