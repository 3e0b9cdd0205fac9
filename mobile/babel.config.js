/** Jest runs scripts, in which Node has no `import()`: views that are loaded later are required there. */
const requireLater = ({ template, types }) => ({
  visitor: {
    CallExpression(path) {
      if (!types.isImport(path.node.callee)) return;
      const required = template.expression('Promise.resolve().then(() => require(%%name%%))');
      path.replaceWith(required({ name: path.node.arguments[0] }));
    },
  },
});

module.exports = (api) => {
  api.cache(true);
  return { presets: ['babel-preset-expo'], env: { test: { plugins: [requireLater] } } };
};
