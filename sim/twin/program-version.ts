/** Version of the program, part of every digest's inputs; equal to the package's, which a test checks. */
export const programVersion = "0.1.0";
