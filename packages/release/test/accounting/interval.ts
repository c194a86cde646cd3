// The 95 % interval of a released number as protocol-spec.md, section 13.9, says, from the variance alone.
import { varianceOfNoise, type Noise } from "@halfroom/release";

export function halfWidth95(noise: Noise): bigint {
  const quantile = noise.mechanism === "laplace" ? 2.0565 : 1.95996;
  return BigInt(Math.ceil(quantile * Math.sqrt(varianceOfNoise(noise))));
}
