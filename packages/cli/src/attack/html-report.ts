export const attackPage = (report: unknown) => JSON.stringify(report)
