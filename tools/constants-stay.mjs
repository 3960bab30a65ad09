/**
 * How bundles are written: constants of modules stay `const`. Vite makes them `var` unless told otherwise (not so in
 * workers of the page). V8 folds what a `const` holds into compiled code; a `var` it reads anew at every use, with a check
 * of what kind of object it finds. See docs/performance.md for what that costs.
 */
export const constantsStay = { topLevelVar: false };
