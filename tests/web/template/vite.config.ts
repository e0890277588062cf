import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  plugins: [react()],
  server: {
    // One origin in development, as in production.
    proxy: {
      '/auth': { target: process.env.AUTH ?? 'http://localhost:9000', rewrite: (path) => path.replace(/^\/auth/, '') },
    },
  },
})
