/** What Vite gives for a CSS module: the class names as written → as generated. */
declare module '*.module.css' {
  const classes: Readonly<Record<string, string>>;
  export default classes;
}

/** A style sheet that is only loaded. */
declare module '*.css' {}
