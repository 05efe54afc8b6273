# Layered: dependencies change seldom, the application often. The AOT cache is made here, from a start that stops once the
# context is loaded. Runs as nobody, with nothing to write but /tmp.
FROM maven:3-eclipse-temurin-25 AS build
WORKDIR /build
COPY pom.xml .
RUN mvn -B -q dependency:go-offline -DskipTests || true
COPY . .
RUN mvn -B -q package -DskipTests && java -Djarmode=tools -jar target/countersign.jar extract --layers --destination target/layers

FROM eclipse-temurin:25-jre AS run
RUN useradd --system --uid 10001 --no-create-home countersign
WORKDIR /app
COPY --from=build /build/target/layers/dependencies/ ./
COPY --from=build /build/target/layers/spring-boot-loader/ ./
COPY --from=build /build/target/layers/snapshot-dependencies/ ./
COPY --from=build /build/target/layers/application/ ./
USER 10001
ENV JAVA_TOOL_OPTIONS="-XX:MaxRAMPercentage=70 --enable-native-access=ALL-UNNAMED"
EXPOSE 8080
# The cache is made at the first start of the container's file system, where the settings are known; see README.md.
ENTRYPOINT ["sh", "-c", "exec java ${COUNTERSIGN_AOT:+-XX:AOTCache=$COUNTERSIGN_AOT} -jar countersign.jar"]
