// Beside the handler's imports: runs once per execution environment, during its initialisation.
import { randomUUID } from "node:crypto";
const environment = randomUUID(), began = Date.now();
let first = true;

export function markers(context) {
  const age = Date.now() - began;
  // Lambda may initialise ahead of need: after 10 s nobody waited for it.
  const cold = first && age <= 10_000;
  first = false;
  return {
    "x-loadgen-cold-start": String(cold),
    "x-loadgen-request-id": context.awsRequestId,
    "x-loadgen-environment-id": environment,
    "x-loadgen-init-age-ms": String(age),
  };
}

// In the handler: return { statusCode: 200, headers: markers(context), body: "..." };
