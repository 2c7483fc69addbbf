import { fuzzPlants } from "./fuzz-plants.js";
import type { Plant } from "./plant.js";
import { simPlants } from "./sim-plants.js";

/** All of them; each number is given once. Those of a tool lie in a file of their own. */
export const plants: readonly Plant[] = [...simPlants, ...fuzzPlants];
