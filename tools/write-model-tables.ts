/** Writes the generated parts of docs/parameters.md and docs/errors.md: `npm run docs:parameters`. */
import { errorSections } from "./error-tables.ts";
import { writeSections } from "./marked-sections.ts";
import { modelSections } from "./model-tables.ts";

writeSections("docs/parameters.md", modelSections());
writeSections("docs/errors.md", errorSections());
console.log("docs/parameters.md\ndocs/errors.md");
